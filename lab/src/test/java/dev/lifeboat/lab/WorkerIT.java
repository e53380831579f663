package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.lab.engine.Programs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkerIT {

    private final Lab lab = Lab.builder().withoutWorker().start();

    @AfterAll
    void end() {
        lab.close();
    }

    @Test
    void itStartsAlthoughTheBucketAndTheDatabaseAreAwayAndSaysSoInItsHealth() {
        lab.s3().stop();
        lab.postgres().stopFast();

        lab.worker().start();
        lab.worker().awaitServing();

        assertThat(health()).contains("\"temporal\":{\"status\":\"UP\"}").containsPattern("\"bucket\":\\{.*DOWN");
        lab.s3().start();
        lab.postgres().start();
        Awaitility.await().atMost(Duration.ofMinutes(3)).until(() -> World.json(health())
                .path("components")
                .path("bucket")
                .path("status")
                .asText()
                .equals("UP"));
        lab.worker().terminate();
        assertThat(lab.worker().isAlive()).isFalse();
        assertThat(lab.worker().log()).content().contains("ending: no new work is taken", "ended:");
    }

    @Test
    void aWrongConfigurationIsTwoLinesAndExitCode2(@TempDir Path folder) throws IOException {
        String good = Files.readString(lab.config())
                .replace("file:secrets/", "file:" + lab.folder().resolve("secrets") + "/");

        assertRefused(folder, good.replace("bin-directory:", "bin-directroy:"), "bin-directroy");
        assertRefused(folder, good.replaceAll("secret-key: .*", "secret-key: hunter2"), "secret-key");
        assertRefused(folder, good.replaceAll("bin-directory: .*", "bin-directory: /nowhere"), "/nowhere");
    }

    private void assertRefused(Path folder, String yaml, String named) throws IOException {
        Path file = folder.resolve("lifeboat.yaml");
        Files.writeString(file, yaml);
        List<String> command =
                new ArrayList<>(Checkout.find().java("worker-app", "dev.lifeboat.worker.WorkerApplication"));
        command.addAll(List.of("--config", file.toString()));

        Programs.Result result =
                Programs.run(System.getProperty("user.name"), command, Map.of(), Duration.ofMinutes(3));

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.errors()).contains("lifeboat: error: ", named, "lifeboat: hint: ");
        assertThat(result.errors()).doesNotContain("hunter2", "\tat ");
    }

    private String health() {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(lab.worker().health()))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
