package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.lab.engine.RealTemporal;
import dev.lifeboat.lab.engine.ServersBelow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code kill -9} at the beginning of each step: another worker goes on, and the same rows are there. The default build
 * takes a seeded sample of the steps and says what it leaves out; with {@code -Pengines} all are taken.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KillIT {

    private static final long SEED = Long.getLong("lifeboat.seed", 20261121L);

    private static final List<String> IN_PLACE = List.of(
            "PostgresRecoveryGatherFacts",
            "LeaseTakeLease",
            "PostgresRecoveryQuiesce",
            "PostgresRecoveryStopServer",
            "PostgresRecoverySaveWal",
            "PostgresRecoveryRestoreBaseBackup",
            "PostgresRecoveryConfigureRecovery",
            "PostgresRecoveryReplayWal",
            "PostgresRecoveryProveRecoveryPoint",
            "PostgresRecoverySmokeTestCopy",
            "PostgresRecoveryMakeDurable",
            "PostgresRecoverySwapIn",
            "PostgresRecoveryReopen",
            "PostgresRecoverySmokeTestLive",
            "PostgresBackupTakeBaseBackup",
            "PostgresRecoveryCheckIndexes",
            "PostgresRecoveryRemoveCopy",
            "LeaseReleaseLease",
            "EvidenceWriteReport");

    /**
     * Killed before the first of them was begun, or after the last that tells who did it: no worker is missed, and the
     * report rightly counts no resume.
     */
    private static final Set<String> AT_THE_EDGES = Set.of(
            "PostgresRecoveryGatherFacts", "PostgresRecoveryRemoveCopy", "LeaseReleaseLease", "EvidenceWriteReport");

    private final World world = World.start();
    private final TemporalEye eye = new TemporalEye(world.lab());

    /** After a case that failed in the middle, too: the next one must not fail for its sake. */
    @BeforeEach
    void theWritersWrite() {
        world.load().goOn();
    }

    @AfterAll
    void end() {
        eye.close();
        world.close();
    }

    static Stream<String> steps() {
        if (EngineChoice.ofBuild() == EngineChoice.REAL) {
            return IN_PLACE.stream();
        }
        List<String> shuffled = new ArrayList<>(IN_PLACE);
        Collections.shuffle(shuffled, new Random(SEED));
        List<String> sample = shuffled.subList(0, 3);
        System.out.println("KillIT: seed " + SEED + " kills the worker in " + sample
                + "; left out here and taken with -Pengines: " + shuffled.subList(3, shuffled.size()));
        return sample.stream();
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aKilledWorkerIsReplacedAndTheRowsAreTheSame(String activity) {
        recoverWhile(activity, () -> {
            world.lab().worker().kill();
            world.lab().worker().start();
        });
        if (!AT_THE_EDGES.contains(activity)) {
            assertThat(report().path("resumes").asInt())
                    .as(report().toPrettyString())
                    .isPositive();
        }
    }

    @Test
    void aServerKilledInReplayIsStartedAgain() {
        recoverWhile("PostgresRecoveryReplayWal", () -> {
            // The live one is down by then: what is found is the copy's, as soon as it has a child that replays.
            List<ProcessHandle> servers = Awaitility.await("the copy's server")
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> ServersBelow.find(world.postgres().root()), found -> found.size() > 1);
            servers.forEach(ProcessHandle::destroyForcibly);
        });
    }

    @Test
    void aKilledTemporalGoesOnWithTheRun() {
        String leftOut = "KillIT: killing Temporal is left out here, since only the real one can be started again;"
                + " taken with -Pengines";
        if (!world.lab().temporal().isReal()) {
            System.out.println(leftOut);
        }
        assumeTrue(world.lab().temporal().isReal(), leftOut);
        recoverWhile("PostgresRecoveryReplayWal", () -> {
            RealTemporal temporal = (RealTemporal) world.lab().temporal();
            temporal.kill();
            temporal.start();
        });
    }

    @Test
    void whoWatchesARunWaitsForAKilledTemporalAndSeesTheRunToItsEnd() throws Exception {
        String leftOut = "KillIT: watching while Temporal is killed is left out here; taken with -Pengines";
        if (!world.lab().temporal().isReal()) {
            System.out.println(leftOut);
        }
        assumeTrue(world.lab().temporal().isReal(), leftOut);
        RealTemporal temporal = (RealTemporal) world.lab().temporal();
        world.succeeds("start", "pitr-recovery", "--cluster", Lab.CLUSTER, "--target", "latest", "--detach");
        Path said = Files.createTempFile(world.lab().folder(), "watch", ".log");
        Process watch = world.lab().cli().background(said, "watch", "pitr-recovery/main");
        awaitSaid(said, "answer with 'lifeboat approve pitr-recovery/main take-lease'");

        temporal.kill();
        awaitSaid(said, "Temporal cannot be reached; the run itself goes on");
        Cli.Result status = world.lab().cli().run("status", "pitr-recovery/main");
        temporal.start();
        awaitSaid(said, "Temporal is back");

        world.succeeds("reject", "pitr-recovery/main", "take-lease");
        assertThat(watch.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(watch.exitValue()).as(Files.readString(said)).isEqualTo(5);
        assertThat(Files.readString(said)).contains("Stopped by a person").doesNotContain("lifeboat: error:");
        assertThat(status.exitCode()).isEqualTo(10);
        assertThat(status.errors()).contains("lifeboat: error: Temporal at ", "lifeboat: hint: ");
    }

    private static void awaitSaid(Path log, String words) {
        Awaitility.await("'" + words + "' in " + log)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> Files.readString(log).contains(words));
    }

    private void recoverWhile(String activity, Runnable trouble) {
        Instant moment = world.goodMoment();
        world.load().pause();
        world.succeeds(
                "start",
                "pitr-recovery",
                "--cluster",
                Lab.CLUSTER,
                "--target",
                moment.toString(),
                "--reason",
                "trouble in " + activity,
                "--yes",
                "--detach");
        eye.awaitActivity("pitr-recovery/main", activity);

        trouble.run();

        eye.awaitEnd("pitr-recovery/main", Duration.ofMinutes(3));
        World.assertPassed(report());
        world.assertRowsAt(moment);
        assertThat(report().path("workers").size()).isPositive();
        world.ledger().givesUp(moment, Instant.now());
        world.load().goOn();
    }

    private JsonNode report() {
        return World.json(
                world.succeeds("report", "pitr-recovery/main", "-o", "json").output());
    }
}
