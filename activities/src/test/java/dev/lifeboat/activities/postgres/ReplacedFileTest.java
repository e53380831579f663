package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplacedFileTest {

    private static final byte[] ORIGINAL = {'o', 'l', 'd', 0, (byte) 0xFF, '\r', '\n'};
    private static final byte[] CLOSED = "closed rules".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    private Path file;
    private ReplacedFile replaced;

    @BeforeEach
    void anOriginal(@TempDir Path folder) throws IOException {
        file = Files.write(folder.resolve("pg_hba.conf"), ORIGINAL);
        replaced = new ReplacedFile(file, folder.resolve("notes/pg_hba.conf.original"), new ServerUser(null));
    }

    @Test
    void theOriginalComesBackByteForByte() throws IOException {
        replaced.replace(original -> CLOSED);
        assertThat(file).hasBinaryContent(CLOSED);

        assertThat(replaced.putBack(original -> CLOSED)).isTrue();

        assertThat(file).hasBinaryContent(ORIGINAL);
        assertThat(replaced.saved()).doesNotExist();
    }

    @Test
    void aSecondReplacementDoesNotTakeTheClosedRulesForTheOriginal() throws IOException {
        replaced.replace(original -> CLOSED);
        replaced.replace(original -> CLOSED);

        replaced.putBack(original -> CLOSED);

        assertThat(file).hasBinaryContent(ORIGINAL);
    }

    @Test
    void aReplacementThatWasCutOffByACrashIsFinishedAndUndone() throws IOException {
        replaced.replace(original -> CLOSED);
        Files.write(file, new byte[] {'c', 'l'});

        replaced.replace(original -> CLOSED);
        assertThat(file).hasBinaryContent(CLOSED);
        Files.write(file, new byte[0]);

        assertThat(replaced.putBack(original -> CLOSED)).isTrue();
        assertThat(file).hasBinaryContent(ORIGINAL);
    }

    @Test
    void whatSomebodyWroteMeanwhileIsNotOverwritten() throws IOException {
        replaced.replace(original -> CLOSED);
        Files.writeString(file, "edited by hand");

        assertThat(replaced.putBack(original -> CLOSED)).isFalse();

        assertThat(file).hasContent("edited by hand");
    }

    @Test
    void puttingBackWithoutAReplacementChangesNothing() throws IOException {
        assertThat(replaced.putBack(original -> CLOSED)).isFalse();

        assertThat(file).hasBinaryContent(ORIGINAL);
    }
}
