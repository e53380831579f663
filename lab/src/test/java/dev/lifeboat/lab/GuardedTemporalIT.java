package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.lab.engine.GuardedTemporal;
import dev.lifeboat.lab.engine.PostgresPrograms;
import dev.lifeboat.lab.engine.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Worker and tool, as processes, at a Temporal behind mutual TLS and an API key. */
@Tag("any-engine")
class GuardedTemporalIT {

    private static final String KEY = "k3y-of-the-cloud";
    private static final String NAME = "temporal.example.test";

    @TempDir
    Path folder = Path.of("");

    private @Nullable GuardedTemporal temporal;

    @BeforeEach
    void start() throws Exception {
        temporal = new GuardedTemporal(folder, NAME, KEY);
    }

    @AfterEach
    void end() {
        temporal().close();
    }

    private GuardedTemporal temporal() {
        return Objects.requireNonNull(temporal);
    }

    @Test
    void certificateAndKeyOpenItForWorkerAndTool() throws IOException {
        Path config = config("client", NAME);

        Programs.Result open = status(config, KEY);
        assertThat(open.exitCode()).as(open.toString()).isZero();
        try (WorkerProcess worker =
                new WorkerProcess(Checkout.find(), config, folder.resolve("worker.log"), Map.of("TEMPORAL_KEY", KEY))) {
            worker.start();
            worker.awaitServing();
            Awaitility.await()
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> temporal().answered().contains("PollWorkflowTaskQueue"));
            assertThat(worker.log()).content().doesNotContain(KEY);
        }
    }

    @Test
    void anotherKeyIsRefusedAndNamedAsTheReason() throws IOException {
        assertRefused(status(config("client", NAME), "another"), "refuses this user: this key opens nothing");
    }

    @Test
    void theCertificateOfAStrangerOpensNothing() throws IOException {
        assertRefused(status(config("stranger", NAME), KEY), "cannot be reached");
    }

    @Test
    void aServerOfAnotherNameIsNotTrusted() throws IOException {
        assertRefused(status(config("client", "other.example.test"), KEY), "cannot be reached");
        assertThat(temporal().answered()).isEmpty();
    }

    private static void assertRefused(Programs.Result result, String words) {
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(10);
        assertThat(result.errors().lines()).hasSize(2);
        assertThat(result.errors())
                .contains("lifeboat: error: ", words, "lifeboat: hint: ")
                .doesNotContain(KEY);
    }

    private static Programs.Result status(Path config, String key) {
        List<String> command = new ArrayList<>(Checkout.find().java("starter-cli", "dev.lifeboat.cli.Lifeboat"));
        command.addAll(List.of("status", "--config", config.toString()));
        return Programs.run(
                System.getProperty("user.name"), command, Map.of("TEMPORAL_KEY", key), Duration.ofMinutes(3));
    }

    private Path config(String who, String serverName) throws IOException {
        Path file = folder.resolve(who + "-" + serverName + ".yaml");
        return Files.writeString(
                file,
                """
                temporal:
                  address: %s
                  api-key: env:TEMPORAL_KEY
                  sticky-workflows: false
                  tls:
                    server-ca-cert-path: server.pem
                    server-name: %s
                    client-cert-path: %s.pem
                    client-key-path: %s-key.pem
                bucket: { url: "s3://none", endpoint: "http://127.0.0.1:1" }
                postgres: { main: { data-directory: none, bin-directory: "%s", port: 1%s } }
                """
                        .formatted(
                                temporal().address(),
                                serverName,
                                who,
                                who,
                                PostgresPrograms.find().orElseThrow(),
                                System.getProperty("user.name").equals("root") ? ", run-as: postgres" : ""));
    }
}
