package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A configuration file outside of the data directory names the live one, also when a copy is started with it. */
class DebianCopyIT {

    @Test
    void aCopyOfAClusterInDebiansLayoutIsRecoveredWithTheConfigurationOfTheBackup() throws Exception {
        Path folder = Files.createTempDirectory("lifeboat-debian");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (CopyWorld world = CopyWorld.in(folder, true)) {
            world.ordersUpTo(10);
            world.takeBaseBackup();
            world.ordersUpTo(20);
            world.archiveAll();
            RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);

            assertThatTheGuardHolds(world, order);
            StepOutcome configured = world.steps.configureRecovery(order, CopyWorld.NOBODY);
            world.steps.replayWal(order, CopyWorld.NOBODY);

            assertThat(configured.checks()).isNotEmpty().allMatch(check -> check.verdict() == Verdict.PASS);
            assertThat(world.ask(order, "select count(*) from orders")).isEqualTo("20");
            assertThat(world.ask(order, "select current_setting('data_directory')"))
                    .isEqualTo(world.workspace(order).copy().toString());
            assertThat(world.ask(order, "select sourcefile from pg_settings where name = 'wal_keep_size'"))
                    .startsWith(world.workspace(order).config().toString());
            assertThat(world.server.query("select count(*) from orders")).isEqualTo("20");
        } finally {
            FileTrees.delete(folder);
        }
    }

    /** With the live configuration and nothing that says otherwise, the server of the copy's folder is the live one. */
    private static void assertThatTheGuardHolds(CopyWorld world, RecoveryOrder order) throws Exception {
        world.steps.restoreBaseBackup(order, CopyWorld.NOBODY);
        CopyServer server = new CopyServer(world.config(), world.workspace(order));
        Map<String, String> live =
                Map.of("config_file", String.valueOf(world.config().configFile()));

        assertThatThrownBy(() -> server.start(live))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.COPY_POINTS_AT_LIVE))
                .hasMessageContaining(world.server.dataDirectory().toString());
        assertThat(server.logs()).isEmpty();
    }
}
