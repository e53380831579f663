package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.postgres.BackupFiles.Entry;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupFilesTest {

    @TempDir
    Path data = Path.of("");

    @BeforeEach
    void twoFiles() throws IOException {
        Files.createDirectories(data.resolve("base/5"));
        Files.writeString(data.resolve("base/5/1"), "a");
        Files.writeString(data.resolve("PG_VERSION"), "15");
    }

    @Test
    void theyAreFoundBelowTheirFolders() throws IOException {
        BackupFiles found = BackupFiles.of(data);

        assertThat(found.folders()).extracting(Entry::name).containsExactly("base", "base/5");
        assertThat(found.files()).extracting(Entry::name).containsExactly("PG_VERSION", "base/5/1");
    }

    /** As Latin-1 has it, or in a JVM without a locale any name beyond ASCII. */
    @Test
    void oneWhoseNameCannotBeSpelledIsNotLeftOut() throws Exception {
        Process shell = new ProcessBuilder("/bin/sh", "-c", ": >\"$(printf 'caf\\351')\"")
                .directory(data.resolve("base/5").toFile())
                .start();
        assertThat(shell.waitFor()).isZero();

        assertThatThrownBy(() -> BackupFiles.of(data)).isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
            assertThat(failure.code()).isEqualTo(FailureCode.DATA_DIRECTORY_UNUSABLE);
            assertThat(failure).hasMessageContaining("'caf");
            assertThat(failure.hint()).contains("LC_ALL=C.UTF-8");
        });
    }
}
