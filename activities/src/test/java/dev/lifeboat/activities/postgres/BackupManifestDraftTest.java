package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.BackupManifestDraft.Frame;
import dev.lifeboat.activities.postgres.BackupManifestFile.Sum;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether PostgreSQL takes it: {@code BaseBackupIT}, by {@code pg_verifybackup}. */
class BackupManifestDraftTest {

    private static final Lsn START = Lsn.parse("0/2000028");
    private static final Lsn END = Lsn.parse("0/2000100");

    private final BackupManifestDraft draft = new BackupManifestDraft();

    @Test
    void whatIsWrittenIsWhatARestoreReads(@TempDir Path folder) throws Exception {
        Sum sum = sum("content");
        draft.add("base/5/16384", sum, Instant.parse("2026-08-22T01:30:00Z").getEpochSecond());
        draft.add("odd \"name\"\\ä", sum(""), 0);
        Path file = folder.resolve("backup_manifest");
        Files.writeString(file, text(new Frame(150018, "42", 3, START, END)));

        BackupManifestFile read = BackupManifestFile.read(file);

        assertThat(read.files()).containsOnlyKeys("base/5/16384", "odd \"name\"\\ä");
        assertThat(read.disagreement("base/5/16384", sum)).isEmpty();
        assertThat(read.disagreement("base/5/16384", sum("Content"))).isPresent();
        assertThat(Files.readString(file))
                .contains("\"Last-Modified\": \"2026-08-22 01:30:00 GMT\"")
                .contains("\"Timeline\": 3, \"Start-LSN\": \"0/2000028\", \"End-LSN\": \"0/2000100\"");
    }

    @Test
    void from17OnItNamesTheCluster() throws IOException {
        assertThat(text(160009))
                .contains("\"PostgreSQL-Backup-Manifest-Version\": 1")
                .doesNotContain("System-");
        assertThat(text(170000))
                .contains("\"PostgreSQL-Backup-Manifest-Version\": 2")
                .contains("\"System-Identifier\": 42");
    }

    private String text(int version) throws IOException {
        return text(new Frame(version, "42", 1, START, END));
    }

    private String text(Frame frame) throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        draft.write(frame, written::write);
        assertThat(draft.size(frame)).isEqualTo(written.size());
        return written.toString(StandardCharsets.UTF_8);
    }

    private static Sum sum(String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Sum.of(bytes.length, crc);
    }
}
