package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import software.amazon.awssdk.services.s3.S3Client;

/** One lab from its first minute on: what the doctor finds changes with it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DoctorIT {

    private final Lab lab = Lab.builder().start();

    @AfterAll
    void end() {
        lab.close();
    }

    @Test
    @Order(1)
    void aNewClusterIsToldWhatItLacks() {
        lab.worker().awaitServing();

        Cli.Result said = lab.cli().run("doctor", "-o", "json");

        assertThat(said.exitCode()).as(said.toString()).isEqualTo(8);
        assertThat(failed(said))
                .contains("archive_mode", "archive_command", "marker", "newest base backup")
                .doesNotContain(
                        "server", "client programs", "write", "conditional write", "delete", "recovery in place");
        assertThat(verdict(said, "free space")).isEqualTo("not-measured");
        assertThat(toDo(said, "archive_mode")).contains("lifeboat setup postgres main --apply");
        assertThat(toDo(said, "newest base backup")).contains("lifeboat start base-backup --cluster main");
    }

    @Test
    @Order(2)
    void afterDoingWhatItSaysEverythingPasses() {
        lab.setUpArchiving();
        assertThat(lab.cli().run("start", "base-backup", "--cluster", "main").exitCode())
                .isZero();

        Cli.Result said = lab.cli().run("doctor");

        assertThat(said.exitCode()).as(said.toString()).isZero();
        // The Temporal for tests does not tell who serves its three queues: nobody looked, so they have not passed.
        int silent = lab.temporal().isReal() ? 0 : 3;
        assertThat(said.output()).contains("0 failed, " + silent + " not measured");
        assertThat(said.output().lines().filter(line -> line.contains("does not tell")))
                .hasSize(silent)
                .allMatch(line -> line.contains("not-measured"));
        try (S3Client client = lab.s3().client()) {
            assertThat(client.listObjectsV2(list -> list.bucket(Lab.BUCKET).prefix("doctor/"))
                            .contents())
                    .as("its own objects are gone")
                    .isEmpty();
        }
    }

    @Test
    @Order(3)
    void whatIsBrokenLaterIsFound() {
        lab.postgres().execute("alter system set archive_command = 'cp %p /tmp/%f'", "select pg_reload_conf()");
        lab.postgres().execute("drop table lifeboat.marker");

        Cli.Result said = lab.cli().run("doctor", "-o", "json");

        assertThat(said.exitCode()).isEqualTo(8);
        assertThat(failed(said)).containsExactlyInAnyOrder("archive_command", "marker");
    }

    @Test
    @Order(4)
    void aBucketThatIsAwayFailsAndTheRestIsStillLookedAt() {
        lab.s3().stop();
        try {
            Cli.Result said = lab.cli().run("doctor", "-o", "json");

            assertThat(said.exitCode()).isEqualTo(8);
            assertThat(failed(said)).contains("write", "newest base backup").doesNotContain("server");
            assertThat(verdict(said, "read")).isEqualTo("not-measured");
        } finally {
            lab.s3().start();
        }
    }

    @Test
    @Order(5)
    void aServerThatIsDownIsFoundAndItsSettingsAreNotJudged() {
        lab.postgres().stopFast();

        Cli.Result said = lab.cli().run("doctor", "-o", "json");

        assertThat(said.exitCode()).isEqualTo(8);
        assertThat(failed(said)).contains("server");
        assertThat(verdict(said, "archive_timeout")).isEqualTo("not-measured");
    }

    private static List<String> failed(Cli.Result said) {
        return checks(said)
                .filter(check -> check.path("verdict").asText().equals("fail"))
                .map(check -> check.path("name").asText())
                .toList();
    }

    private static String toDo(Cli.Result said, String name) {
        return one(said, name).path("todo").asText();
    }

    private static String verdict(Cli.Result said, String name) {
        return one(said, name).path("verdict").asText();
    }

    private static JsonNode one(Cli.Result said, String name) {
        return checks(said)
                .filter(check -> check.path("name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no check " + name + " in " + said));
    }

    private static java.util.stream.Stream<JsonNode> checks(Cli.Result said) {
        return StreamSupport.stream(World.json(said.output()).path("checks").spliterator(), false);
    }
}
