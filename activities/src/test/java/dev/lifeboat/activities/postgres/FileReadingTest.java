package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.postgres.BackupFiles.Entry;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReadingTest {

    private static final String KEY = "chunk.tar.zst";

    /** In a JVM that was started without a locale, no file can have a name beyond ASCII. */
    private static final String ODD = "base/5/"
            + (Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"))
                            .newEncoder()
                            .canEncode('ä')
                    ? "ä"
                    : "a");

    private final Path data;
    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final AtomicLong bytes = new AtomicLong();
    private final FileReading reading;

    FileReadingTest(@TempDir Path data) {
        this.data = data;
        this.reading = new FileReading(data, () -> null, bytes);
    }

    @Test
    void whatIsPackedIsATarOfTheSameFiles() throws Exception {
        Entry small = file(ODD, "x");
        Entry large = file("base/5/2", "0123456789".repeat(300_000));
        Entry empty = file("base/5/3", "");

        Chunk chunk = pack(List.of(small, large, empty));

        assertThat(chunk.files()).containsExactly(ODD, "base/5/2", "base/5/3");
        Map<String, String> found = unpack();
        assertThat(found).containsOnlyKeys("base/5/", ODD, "base/5/2", "base/5/3");
        assertThat(found.get("base/5/2")).isEqualTo("0123456789".repeat(300_000));
        assertThat(bytes).hasValue(3_000_001);
        assertThat(chunk.plainBytes()).isEqualTo(512 * 4 + 512 + 3_000_320 + 1024);
    }

    @Test
    void aFileThatIsGoneMeanwhileIsNotMissed() throws Exception {
        Entry gone = file("base/5/1", "x");
        Entry there = file("base/5/2", "y");
        Files.delete(data.resolve(gone.name()));

        assertThat(pack(List.of(gone, there)).files()).containsExactly("base/5/2");
        assertThat(unpack()).doesNotContainKey("base/5/1");
    }

    @Test
    void aNameThatNoTarCanHoldIsRefusedInWords() throws Exception {
        Entry odd = file("x".repeat(101), "x");

        assertThatThrownBy(() -> pack(List.of(odd)))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.CLUSTER_NOT_READY))
                .hasMessageContaining("longer than the 100 bytes");
        assertThat(store.list("")).isEmpty();
    }

    private Entry file(String name, String content) throws IOException {
        Path path = data.resolve(name);
        Files.createDirectories(data.resolve("base/5"));
        Files.writeString(path, content);
        return BackupFiles.read(path, name);
    }

    private Chunk pack(List<Entry> files) throws IOException {
        try (ChunkPacker packer = new ChunkPacker(store.upload(KEY), "")) {
            packer.folder(BackupFiles.read(data, "base/5"));
            reading.copy(files, packer);
            return packer.complete(1);
        }
    }

    private Map<String, String> unpack() throws IOException {
        Map<String, String> found = new TreeMap<>();
        List<String> kinds = new ArrayList<>();
        try (InputStream stored = store.read(KEY);
                TarArchiveInputStream tar =
                        new TarArchiveInputStream(Zstandard.decompressing(stored), StandardCharsets.UTF_8.name())) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                kinds.add(entry.isDirectory() ? "d" : "f");
                found.put(entry.getName(), new String(tar.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertThat(kinds).startsWith("d");
        return found;
    }
}
