package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bucket is away for 30 seconds: what needs it waits, nothing is promoted early, nothing is lost. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutageIT {

    private static final Duration AWAY = Duration.ofSeconds(30);

    private final World world = World.start();
    private final TemporalEye eye = new TemporalEye(world.lab());

    @AfterAll
    void end() {
        eye.close();
        world.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PostgresRecoveryRestoreBaseBackup", "PostgresRecoveryReplayWal"})
    void aRecoveryWaitsForTheBucket(String activity) {
        Instant moment = world.goodMoment();
        world.load().pause();
        world.succeeds(
                "start", "pitr-recovery", "--cluster", Lab.CLUSTER, "--target", moment.toString(), "--yes", "--detach");
        eye.awaitActivity("pitr-recovery/main", activity);

        bucketAway();

        eye.awaitEnd("pitr-recovery/main", Duration.ofMinutes(3));
        JsonNode report = World.json(
                world.succeeds("report", "pitr-recovery/main", "-o", "json").output());
        World.assertPassed(report);
        world.assertRowsAt(moment);
        world.ledger().givesUp(moment, Instant.now());
        world.load().goOn();
    }

    @Test
    void archivingCatchesUpByItself() {
        world.lab().s3().stop();
        world.load().await(50, Duration.ofSeconds(20));
        String segment = world.postgres().query("select pg_walfile_name(pg_switch_wal())");
        assertThat(world.postgres()
                        .query("select count(*)::text from pg_stat_archiver where last_archived_wal >= '" + segment
                                + "'"))
                .isEqualTo("0");

        world.lab().s3().start();

        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> "1"
                .equals(world.postgres()
                        .query("select count(*)::text from pg_stat_archiver where last_archived_wal >= '" + segment
                                + "'")));
    }

    private void bucketAway() {
        world.lab().s3().stop();
        long end = System.nanoTime() + AWAY.toNanos();
        Awaitility.await().atMost(AWAY.plusSeconds(5)).until(() -> System.nanoTime() > end);
        world.lab().s3().start();
    }
}
