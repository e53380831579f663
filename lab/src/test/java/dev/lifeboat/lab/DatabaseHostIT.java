package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.Ports;
import dev.lifeboat.lab.engine.PostgresPrograms;
import dev.lifeboat.lab.engine.Programs;
import dev.lifeboat.lab.engine.ServersBelow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The compose file's database host as a script on this machine, with a worker that only writes down that it was called. */
@Tag("any-engine")
class DatabaseHostIT {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final String USER =
            System.getProperty("user.name").equals("root") ? "postgres" : System.getProperty("user.name");

    private final Path folder = Folders.temporary("database-host");
    private final Path place = folder.resolve("place");
    private final Path calls = folder.resolve("calls");
    private @Nullable Process host;

    @BeforeEach
    void aWorkerThatOnlyWritesDownThatItWasCalled() throws IOException {
        Files.createDirectories(place);
        Path worker = Files.createDirectories(folder.resolve("bin")).resolve("lifeboat");
        Files.writeString(
                worker,
                """
                #!/bin/sh
                echo "$*" >>"%s"
                [ ! -e "%s/wrong-configuration" ] || exit 2
                [ ! -e "%s/die-once" ] || { rm "%s/die-once"; exit 137; }
                trap 'exit 0' TERM
                while :; do sleep 0.1; done
                """
                        .formatted(calls, folder, folder, folder));
        Files.setPosixFilePermissions(worker, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void end() {
        if (host != null) {
            // Its worker would be nobody's child once it is gone.
            List<ProcessHandle> below = host.descendants().toList();
            host.destroyForcibly();
            below.forEach(ProcessHandle::destroyForcibly);
        }
        ServersBelow.end(folder);
        Folders.remove(folder);
    }

    @Test
    void aClusterIsMadeInAnEmptyPlaceAndTheServerOutlivesItsWorker() throws Exception {
        Files.createFile(folder.resolve("die-once"));

        Process running = start();
        awaitCalls(2);

        assertThat(Files.readAllLines(calls)).containsOnly("worker --role postgres --cluster main");
        assertThat(ServersBelow.find(place.resolve("main"))).isNotEmpty();
        running.destroy();
        assertThat(running.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(ServersBelow.find(folder))
                .as("the server is stopped with its host")
                .isEmpty();
        assertThat(controlData()).contains("shut down");
    }

    @Test
    void inTheMiddleOfARecoveryNoClusterIsMade() throws Exception {
        Files.createDirectories(place.resolve("main.before-20260822T091500Z"));

        start();
        awaitCalls(1);

        assertThat(place.resolve("main")).doesNotExist();
    }

    @Test
    void aWorkerThatCannotUseItsConfigurationEndsTheHost() throws Exception {
        Files.createFile(folder.resolve("wrong-configuration"));

        Process running = start();

        assertThat(running.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(running.exitValue()).isEqualTo(2);
        assertThat(ServersBelow.find(folder)).isEmpty();
    }

    private Process start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Checkout.find().root().resolve("docker/database-host.sh").toString());
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        folder.resolve("bin") + ":" + System.getenv("PATH"),
                        "PGPASSWORD",
                        "made-for-this-test",
                        "LIFEBOAT_PLACE",
                        place.toString(),
                        "LIFEBOAT_BIN",
                        bin().toString(),
                        "LIFEBOAT_PORT",
                        Integer.toString(Ports.free()),
                        "LIFEBOAT_SOCKETS",
                        "",
                        "LIFEBOAT_PAUSE",
                        "0"));
        builder.redirectErrorStream(true);
        builder.redirectOutput(folder.resolve("host.log").toFile());
        Process started = builder.start();
        host = started;
        return started;
    }

    private void awaitCalls(int wanted) {
        Awaitility.await().atMost(LIMIT).untilAsserted(() -> assertThat(
                        read(calls).lines())
                .as(() -> read(folder.resolve("host.log")))
                .hasSize(wanted));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            return e.toString();
        }
    }

    private String controlData() {
        return Programs.require(
                USER,
                List.of(
                        bin().resolve("pg_controldata").toString(),
                        "-D",
                        place.resolve("main").toString()),
                Map.of(),
                LIMIT);
    }

    private static Path bin() {
        return PostgresPrograms.find().orElseThrow();
    }
}
