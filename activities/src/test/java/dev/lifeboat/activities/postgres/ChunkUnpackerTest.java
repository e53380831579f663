package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkUnpackerTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private RecoveryWorkspace workspace;

    @SuppressWarnings("NullAway.Init")
    private ChunkUnpacker unpacker;

    @BeforeEach
    void prepare() {
        workspace = new RecoveryWorkspace(
                TestPlans.plan(new RecoveryTarget.Latest(), null, Placement.DRILL, folder)
                        .directories(),
                new ServerUser(null));
        workspace.claim(new Fence("main", 1, "run")).close();
        unpacker = new ChunkUnpacker(workspace);
    }

    @Test
    void filesComeBackWithPostgresqlsOwnChecksumOfThem() throws Exception {
        byte[] chunk = chunk("base/5/1259", "123456789");

        Map<String, BackupManifestFile.Sum> files = unpack(chunk, digest(chunk));

        assertThat(workspace.copy().resolve("base/5/1259")).hasContent("123456789");
        // The check value of CRC-32C (Castagnoli), e3069283, with its bytes as a little-endian server writes them.
        assertThat(files).containsEntry("base/5/1259", new BackupManifestFile.Sum(9, "839206e3"));
    }

    @Test
    void theControlFileIsHeldBack() throws Exception {
        byte[] chunk = chunk(BaseBackupManifest.CONTROL_FILE, "control");

        unpack(chunk, digest(chunk));

        assertThat(workspace.copy().resolve(BaseBackupManifest.CONTROL_FILE)).doesNotExist();
        assertThat(unpacker.heldControl()).hasContent("control");
    }

    @Test
    void oneFlippedBitIsNoticed() throws Exception {
        byte[] chunk = chunk("base/5/1259", "pages");
        String digest = digest(chunk);
        chunk[chunk.length / 2] ^= 1;

        assertThatThrownBy(() -> unpack(chunk, digest))
                .isInstanceOf(ChunkUnpacker.Damaged.class)
                .hasMessageContaining(digest);
    }

    @Test
    void whatWasStoredDamagedIsNoticedToo() throws Exception {
        byte[] chunk = "not zstd".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> unpack(chunk, digest(chunk)))
                .isInstanceOf(ChunkUnpacker.Damaged.class)
                .hasMessageContaining("cannot be unpacked");
    }

    @Test
    void aNameThatLeadsOutsideIsRefused() throws Exception {
        byte[] chunk = chunk("../../live/PG_VERSION", "15");

        assertThatThrownBy(() -> unpack(chunk, digest(chunk))).isInstanceOf(ChunkUnpacker.Damaged.class);

        assertThat(folder.resolve("live")).doesNotExist();
    }

    @Test
    void aBrokenConnectionIsNotDamage() throws Exception {
        byte[] chunk = chunk("base/5/1259", "pages");
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }
        };

        assertThatThrownBy(() -> unpacker.unpack(broken, digest(chunk), bytes -> {}))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(ChunkUnpacker.Damaged.class)
                .hasMessageContaining("connection reset");
    }

    private Map<String, BackupManifestFile.Sum> unpack(byte[] chunk, String digest) throws IOException {
        return unpacker.unpack(new ByteArrayInputStream(chunk), digest, bytes -> {});
    }

    private static byte[] chunk(String name, String content) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(packed)) {
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            TarArchiveEntry entry = new TarArchiveEntry(name, true);
            entry.setSize(bytes.length);
            tar.putArchiveEntry(entry);
            tar.write(bytes);
            tar.closeArchiveEntry();
        }
        return Zstandard.compress(packed.toByteArray());
    }

    private static String digest(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
