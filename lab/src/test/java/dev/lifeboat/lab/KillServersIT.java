package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lifeboat.lab.engine.RealTemporal;
import dev.lifeboat.lab.engine.ServersBelow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code kill -9} of what a recovery stands on: the copy's server and Temporal. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KillServersIT {

    private final KilledRuns runs = new KilledRuns();
    private final World world = runs.world();

    @AfterAll
    void end() {
        runs.close();
    }

    @Test
    void aServerKilledInReplayIsStartedAgain() {
        runs.recoverWhile("PostgresRecoveryReplayWal", () -> {
            // The live one is down by then: what is found is the copy's, as soon as it has a child that replays.
            List<ProcessHandle> servers = Awaitility.await("the copy's server")
                    .atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> ServersBelow.find(world.postgres().root()), found -> found.size() > 1);
            servers.forEach(ProcessHandle::destroyForcibly);
        });
    }

    @Test
    void aKilledTemporalGoesOnWithTheRun() {
        String leftOut =
                "KillServersIT: killing Temporal is left out here, since only the real one can be started again;"
                        + " taken with -Pengines";
        if (!world.lab().temporal().isReal()) {
            System.out.println(leftOut);
        }
        assumeTrue(world.lab().temporal().isReal(), leftOut);
        runs.recoverWhile("PostgresRecoveryReplayWal", () -> {
            RealTemporal temporal = (RealTemporal) world.lab().temporal();
            temporal.kill();
            temporal.start();
        });
    }

    @Test
    void whoWatchesARunWaitsForAKilledTemporalAndSeesTheRunToItsEnd() throws Exception {
        String leftOut = "KillServersIT: watching while Temporal is killed is left out here; taken with -Pengines";
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
        // The worker asks again later, the longer Temporal was away, and who answers has little patience.
        try (TemporalEye eye = new TemporalEye(world.lab())) {
            eye.awaitApproval("pitr-recovery/main", Duration.ofMinutes(2));
        }

        world.succeeds("reject", "pitr-recovery/main", "take-lease");
        assertThat(watch.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(watch.exitValue()).as(Files.readString(said)).isEqualTo(5);
        assertThat(Files.readString(said)).contains("Stopped by a person").doesNotContain("lifeboat: error:");
        assertThat(status.exitCode()).isEqualTo(10);
        assertThat(status.errors()).contains("lifeboat: error: Temporal at ", "lifeboat: hint: ");
    }

    private static void awaitSaid(Path log, String words) {
        Awaitility.await("'" + words + "' in " + log)
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> Files.readString(log).contains(words));
    }
}
