package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script itself, run by a shell as the server does. */
class RestoreShimTest {

    private static final String NAME = "000000010000000000000007";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @org.jspecify.annotations.Nullable private Process running;

    @BeforeEach
    void makeWorkspace() throws IOException {
        for (String name : new String[] {"wal", "want", "absent"}) {
            Files.createDirectories(folder.resolve(name));
        }
        Files.writeString(folder.resolve("restore-wal.sh"), RestoreShim.text());
    }

    @AfterEach
    void end() {
        if (running != null) {
            running.destroyForcibly();
        }
    }

    @Test
    void aSegmentThatIsReadyIsMovedToWhereTheServerWantsIt() throws Exception {
        Files.writeString(folder.resolve("wal").resolve(NAME), "wal");

        int exit = start(NAME, 100).waitFor();

        assertThat(exit).isZero();
        assertThat(folder.resolve("RECOVERYXLOG")).hasContent("wal");
        assertThat(folder.resolve("wal").resolve(NAME)).doesNotExist();
    }

    @Test
    void aSegmentThatComesLaterIsWaitedFor() throws Exception {
        Process shim = start(NAME, 600);
        await(folder.resolve("want").resolve(NAME));

        Files.writeString(folder.resolve("wal/.x"), "wal");
        Files.move(folder.resolve("wal/.x"), folder.resolve("wal").resolve(NAME));

        assertThat(shim.waitFor()).isZero();
        assertThat(folder.resolve("want").resolve(NAME)).doesNotExist();
    }

    @Test
    void absentIsBelievedOnlyAsTheAnswerToThisRequest() throws Exception {
        Process shim = start(NAME, 600);
        Path want = folder.resolve("want").resolve(NAME);
        await(want);
        Files.writeString(folder.resolve("absent").resolve(NAME), "an older request");
        assertThat(shim.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();

        Files.writeString(folder.resolve("absent").resolve(NAME), Files.readString(want));

        assertThat(shim.waitFor()).isEqualTo(1);
    }

    @Test
    void anOldAnswerIsForgottenByANewRequest() throws Exception {
        Files.writeString(folder.resolve("absent").resolve(NAME), "an older request");

        int exit = start(NAME, 3).waitFor();

        assertThat(exit).isEqualTo(200);
        assertThat(folder.resolve("absent").resolve(NAME)).doesNotExist();
    }

    @Test
    void silenceIsNeverTakenForTheEndOfTheArchive() throws Exception {
        assertThat(start(NAME, 3).waitFor()).isEqualTo(200);
    }

    /** As the server calls it: a worker that is away for a moment, or is started again, must find it waiting. */
    @Test
    void withoutAnyLimitItWaitsForAWorkerThatIsAway() throws Exception {
        running = new ProcessBuilder(
                        "/bin/sh",
                        folder.resolve("restore-wal.sh").toString(),
                        folder.toString(),
                        NAME,
                        folder.resolve("RECOVERYXLOG").toString())
                .start();

        assertThat(running.waitFor(3, TimeUnit.SECONDS)).isFalse();

        Files.writeString(folder.resolve("wal").resolve(NAME), "wal");
        assertThat(running.waitFor()).isZero();
    }

    @Test
    void stopIsPassedOnToTheServer() throws Exception {
        Process shim = start(NAME, 600);
        await(folder.resolve("want").resolve(NAME));

        Files.writeString(folder.resolve("absent").resolve(NAME), RestoreShim.STOP);

        assertThat(shim.waitFor()).isEqualTo(200);
        assertThat(folder.resolve("want").resolve(NAME))
                .as("who only lost patience leaves its request")
                .doesNotExist();
    }

    /** PostgreSQL ends its startup process and what that started so; any other end would count as an answer. */
    @Test
    void sigtermEndsItAsASignalAndNotWithAnAnswer() throws Exception {
        Process shim = start(NAME, 600);
        await(folder.resolve("want").resolve(NAME));

        shim.destroy();

        assertThat(shim.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(shim.exitValue()).isEqualTo(128 + 15);
    }

    /** It would take the segment from the server that comes next, and put it where that one has just put another. */
    @Test
    void withTheServerThatAskedItEndsToo() throws Exception {
        String shim = "/bin/sh restore-wal.sh . %1$s RECOVERYXLOG 6000 >/dev/null 2>&1 & echo $!;"
                + " while [ ! -e want/%1$s ]; do sleep 0.02; done";
        Process server = new ProcessBuilder("/bin/sh", "-c", shim.formatted(NAME))
                .directory(folder.toFile())
                .start();
        String pid = new String(server.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertThat(server.waitFor()).isZero();

        Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> ProcessHandle.of(Long.parseLong(pid))
                .filter(ProcessHandle::isAlive)
                .isEmpty());

        assertThat(folder.resolve("RECOVERYXLOG")).doesNotExist();
    }

    @Test
    void aNameThatLeadsElsewhereIsRefused() throws Exception {
        Path elsewhere = Files.writeString(folder.resolve("elsewhere"), "not WAL");

        assertThat(start("../elsewhere", 3).waitFor()).isEqualTo(200);
        assertThat(elsewhere).hasContent("not WAL");
    }

    private Process start(String name, int waits) throws IOException {
        running = new ProcessBuilder(
                        "/bin/sh",
                        folder.resolve("restore-wal.sh").toString(),
                        folder.toString(),
                        name,
                        folder.resolve("RECOVERYXLOG").toString(),
                        Integer.toString(waits))
                .redirectErrorStream(true)
                .start();
        return running;
    }

    private static void await(Path file) {
        Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> Files.exists(file));
    }
}
