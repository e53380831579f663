package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script itself, run by a shell in a data directory as the server does. */
class ArchiveShimTest {

    private static final String NAME = "000000010000000000000007";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private ArchiveNotes notes;

    @BeforeEach
    void install() throws IOException {
        notes = new ArchiveNotes(new LifeboatFolder(folder.resolve("lifeboat-main")), new ServerUser(null));
        notes.install();
    }

    /** The archiver does it when it begins, and a setup when somebody asks for it. */
    @Test
    void severalMayInstallItAtOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            ArchiveNotes made =
                    new ArchiveNotes(new LifeboatFolder(folder.resolve("above/lifeboat-" + i)), new ServerUser(null));
            CyclicBarrier together = new CyclicBarrier(3);
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int each = 0; each < 3; each++) {
                all.add(CompletableFuture.runAsync(
                        () -> {
                            try {
                                together.await();
                                made.install();
                            } catch (Exception e) {
                                throw new AssertionError(e);
                            }
                        },
                        task -> new Thread(task).start()));
            }
            all.forEach(CompletableFuture::join);

            assertThat(made.isCurrent()).isTrue();
            assertThat(made.shim().getParent()).isDirectoryNotContaining("glob:**.new");
        }
    }

    @Test
    void itSaysYesToANoteAboutThisVeryFile() throws Exception {
        Path data = dataDirectory("one", 42, NAME);
        notes.write(NAME, ArchiveNotes.identity("42", data.resolve("pg_wal").resolve(NAME)));

        assertThat(ask(data, NAME).waitFor()).isZero();
    }

    /**
     * Above 125 PostgreSQL would start its archiver anew and not count the failure in pg_stat_archiver. All at once, since
     * each takes as long as the shim is patient.
     */
    @Test
    void anythingElseIsANoThatPostgresqlCounts() throws Exception {
        Path noted = dataDirectory("noted", 42, NAME);
        String identity = ArchiveNotes.identity("42", noted.resolve("pg_wal").resolve(NAME));
        notes.write(NAME, identity);
        Path swapped = dataDirectory("swapped", 42, NAME);
        Path foreign = dataDirectory("foreign", 43, NAME);
        Files.createLink(
                replaced(foreign.resolve("pg_wal").resolve(NAME)),
                noted.resolve("pg_wal").resolve(NAME));
        Path noControlFile = dataDirectory("no-control-file", 42, NAME);
        Files.delete(noControlFile.resolve("global/pg_control"));
        Path grown = dataDirectory("grown", 42, "000000010000000000000008");
        Path segment = grown.resolve("pg_wal/000000010000000000000008");
        notes.write("000000010000000000000008", ArchiveNotes.identity("42", segment));
        Files.writeString(segment, "another content of another length");

        List<Process> asked = new ArrayList<>(List.of(
                ask(swapped, NAME),
                ask(foreign, NAME),
                ask(noControlFile, NAME),
                ask(grown, "000000010000000000000008"),
                ask(noted, "000000010000000000000009")));

        for (Process shim : asked) {
            assertThat(shim.waitFor()).isEqualTo(1);
        }
        assertThat(ask(noted, NAME).waitFor()).isZero();
    }

    private Path dataDirectory(String name, long system, String segment) throws IOException {
        Path data = Files.createDirectories(folder.resolve(name));
        Files.createDirectories(data.resolve("global"));
        Files.createDirectories(data.resolve("pg_wal"));
        Files.write(
                data.resolve("global/pg_control"),
                ByteBuffer.allocate(16)
                        .order(ByteOrder.nativeOrder())
                        .putLong(system)
                        .array());
        Files.writeString(data.resolve("pg_wal").resolve(segment), "wal");
        return data;
    }

    private static Path replaced(Path file) throws IOException {
        Files.delete(file);
        return file;
    }

    private Process ask(Path data, String name) throws IOException {
        return new ProcessBuilder("/bin/sh", notes.shim().toString(), "pg_wal/" + name, name)
                .directory(data.toFile())
                .redirectErrorStream(true)
                .start();
    }
}
