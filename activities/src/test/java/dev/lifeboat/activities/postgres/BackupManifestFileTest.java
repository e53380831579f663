package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupManifestFileTest {

    private static final String TEXT =
            """
            { "PostgreSQL-Backup-Manifest-Version": 1, "Files": [
              { "Path": "backup_label", "Size": 227, "Checksum-Algorithm": "CRC32C", "Checksum": "0a1b2c3d" },
              { "Path": "pg_tblspc/16384/PG_15_202209061/5/1", "Size": 8192, "Checksum-Algorithm": "NONE" },
              { "Encoded-Path": "626173652f31", "Size": 5, "Checksum-Algorithm": "SHA256", "Checksum": "ff" } ] }
            """;

    @Test
    void aFileThatNoChunkHoldsIsNamed(@TempDir Path folder) throws IOException {
        BackupManifestFile manifest = read(folder);

        assertThat(manifest.notAmong(List.of(chunk("", "base/1"), chunk("16384", "PG_15_202209061/5/1"))))
                .containsExactly("backup_label");
        assertThat(manifest.notAmong(
                        List.of(chunk("", "base/1", "backup_label", "more"), chunk("16384", "PG_15_202209061/5/1"))))
                .isEmpty();
        assertThat(manifest.notAmong(List.of(chunk("", "base/1", "backup_label", "PG_15_202209061/5/1"))))
                .containsExactly("pg_tblspc/16384/PG_15_202209061/5/1");
    }

    @Test
    void sizeAndChecksumAreComparedAndAChecksumOfAnotherKindIsNot(@TempDir Path folder) throws IOException {
        BackupManifestFile manifest = read(folder);

        assertThat(manifest.disagreement("backup_label", new BackupManifestFile.Sum(227, "0a1b2c3d")))
                .isEmpty();
        assertThat(manifest.disagreement("backup_label", new BackupManifestFile.Sum(227, "0a1b2c3e")))
                .hasValueSatisfying(words -> assertThat(words).contains("0a1b2c3e", "0a1b2c3d"));
        assertThat(manifest.disagreement("backup_label", new BackupManifestFile.Sum(228, "0a1b2c3d")))
                .isPresent();
        assertThat(manifest.disagreement("base/1", new BackupManifestFile.Sum(5, "0a1b2c3d")))
                .isEmpty();
        assertThat(manifest.disagreement("base/1", new BackupManifestFile.Sum(6, "0a1b2c3d")))
                .isPresent();
        assertThat(manifest.disagreement("not-listed", new BackupManifestFile.Sum(1, "")))
                .isEmpty();
    }

    private static BackupManifestFile read(Path folder) throws IOException {
        return BackupManifestFile.read(Files.writeString(folder.resolve("backup_manifest"), TEXT));
    }

    private static Chunk chunk(String tablespace, String... files) {
        return new Chunk(1, 1, "", 1, List.of(files), tablespace);
    }
}
