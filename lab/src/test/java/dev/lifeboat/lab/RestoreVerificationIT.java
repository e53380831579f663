package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.activities.postgres.DumpInBucket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole of a verification, from the command line to the proof beside the dump, with the worker killed in it too. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RestoreVerificationIT {

    private static final String RUN = "restore-verification/main";
    private static final String DUMP = "shop_2026-08-22_020000";

    private final World world = World.start();
    private final TemporalEye eye = new TemporalEye(world.lab());

    @AfterAll
    void end() {
        eye.close();
        world.close();
    }

    @Test
    @Order(1)
    void withoutADumpItIsRefusedWithHowToTakeOne() {
        Cli.Result result = world.lab().cli().run("start", "restore-verification", "--cluster", Lab.CLUSTER);

        assertThat(result.exitCode()).as(result.toString()).isEqualTo(8);
        assertThat(result.errors()).contains("cannot verify a dump of main", "lifeboat start daily-dump");
    }

    @Test
    @Order(2)
    void aDumpIsProvedAndEachCheckIsSeenToFail() {
        world.load().pause();
        DumpInBucket.take(world.postgres(), world.lab().s3(), Lab.BUCKET, DUMP);
        world.load().goOn();
        world.load().await(20, Duration.ofMinutes(2));
        world.awaitArchived(world.switchSegment());

        Cli.Result plan = world.succeeds("plan", "restore-verification", "--cluster", Lab.CLUSTER, "--prove-checks");
        assertThat(plan.output()).contains(DUMP, "the newest of shop", "lifeboat-main/verification/data");

        JsonNode report = verify("--prove-checks");

        World.assertPassed(report);
        assertThat(report.path("mode").asText()).isEqualTo("drill");
        assertThat(seenToFail(report, "exact row counts").path("at").isTextual())
                .isTrue();
        assertThat(seenToFail(report, "archive is whole").path("run").asText())
                .isEqualTo(RUN + "@" + report.path("runId").asText());
        assertThat(seenToFail(report, "no order without a price").path("at").isNull())
                .isTrue();
        assertThat(Duration.parse(report.at("/achieved/dataLoss").asText()))
                .isBetween(Duration.ofMillis(1), Duration.ofMinutes(5));
        assertThat(check(report, "recovery to some time: executed")
                        .path("verdict")
                        .asText())
                .isEqualTo("pass");
        assertThat(provedAt()).isNotEmpty();
        assertThat(workspace()).doesNotExist();
        assertThat(world.succeeds("report", RUN).output()).contains("never seen to fail");
    }

    @Test
    @Order(3)
    void anUnknownDumpIsRefused() {
        Cli.Result unknown =
                world.lab().cli().run("start", "restore-verification", "--cluster", Lab.CLUSTER, "--backup", "nope");
        assertThat(unknown.exitCode()).as(unknown.toString()).isEqualTo(8);
        assertThat(unknown.errors()).contains("cannot find the dump nope of main");
    }

    static Stream<String> activities() {
        return KilledRuns.sampleUnlessThorough(
                RestoreVerificationIT.class,
                java.util.List.of(
                        "PostgresVerificationLoadDump",
                        "PostgresVerificationStartServer",
                        "PostgresVerificationProveChecks",
                        "PostgresVerificationRemoveServer"),
                1);
    }

    @ParameterizedTest
    @MethodSource("activities")
    @Order(4)
    void aKilledWorkerIsReplacedAndTheVerificationGoesOn(String activity) {
        world.succeeds(
                "start",
                "restore-verification",
                "--cluster",
                Lab.CLUSTER,
                "--random",
                "--prove-checks",
                "--reason",
                "trouble in " + activity,
                "--detach");
        eye.awaitActivity(RUN, activity);

        world.lab().worker().kill();
        world.lab().worker().start();
        world.lab().worker().awaitServing();

        eye.awaitEnd(RUN, Duration.ofMinutes(5));
        JsonNode report = World.json(world.succeeds("report", RUN, "-o", "json").output());
        World.assertPassed(report);
        assertThat(report.path("resumes").asInt()).as(report.toPrettyString()).isPositive();
        assertThat(workspace()).doesNotExist();
    }

    private JsonNode verify(String... more) {
        String[] words = Stream.concat(
                        Stream.of("start", "restore-verification", "--cluster", Lab.CLUSTER, "-o", "json"),
                        Stream.of(more))
                .toArray(String[]::new);
        return World.json(world.succeeds(words).output());
    }

    /** Of the dump, as its proofs in the bucket say. */
    private String provedAt() {
        return World.json(new String(
                        StoredObject.find(world.lab().s3(), key -> key.contains("postgres/daily/main/proofs/" + DUMP))
                                .content(),
                        java.nio.charset.StandardCharsets.UTF_8))
                .path("provedAt")
                .asText();
    }

    private Path workspace() {
        return world.postgres().dataDirectory().resolveSibling("lifeboat-main/verification");
    }

    private static JsonNode seenToFail(JsonNode report, String name) {
        return check(report, name).path("seenToFail");
    }

    private static JsonNode check(JsonNode report, String name) {
        for (JsonNode check : report.path("checks")) {
            if (check.path("name").asText().equals(name)) {
                return check;
            }
        }
        throw new AssertionError("no check '" + name + "' in " + report.toPrettyString());
    }
}
