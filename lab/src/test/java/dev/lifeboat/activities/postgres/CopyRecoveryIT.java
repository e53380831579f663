package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.ProvenPoint;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From a base backup and WAL in a bucket to a copy that may be accepted, on real servers. */
class CopyRecoveryIT {

    @SuppressWarnings("NullAway.Init")
    private CopyWorld world;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    void backUp() throws IOException {
        folder = Files.createTempDirectory("lifeboat-copy");
        Files.setPosixFilePermissions(folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        world = CopyWorld.in(folder);
        world.ordersUpTo(100);
        world.takeBaseBackup();
        world.ordersUpTo(200);
    }

    @AfterEach
    void end() throws IOException {
        world.close();
        FileTrees.delete(folder);
    }

    @Test
    void aRestorePointIsReachedAndTheCopyCanBeAccepted() throws Exception {
        Lsn point = Lsn.parse(String.valueOf(world.server.query("select pg_create_restore_point('before_release')")));
        world.ordersUpTo(300);
        world.archiveAll();
        RecoveryOrder order =
                world.order(new RecoveryTarget.AtRestorePoint("before_release"), point, Placement.IN_PLACE);

        world.steps.restoreBaseBackup(order, CopyWorld.NOBODY);
        world.steps.configureRecovery(order, CopyWorld.NOBODY);
        world.steps.replayWal(order, CopyWorld.NOBODY);
        ProvenPoint proven = world.steps.proveRecoveryPoint(order, CopyWorld.NOBODY);
        StepOutcome tested = world.steps.smokeTestCopy(order, CopyWorld.NOBODY);
        String orders = world.ask(order, "select count(*) from orders");
        world.steps.makeDurable(order, CopyWorld.NOBODY);

        assertThat(proven.point().lsn()).isEqualTo(point);
        assertThat(proven.point().timeline()).isEqualTo(2);
        assertThat(tested.checks()).isNotEmpty().allMatch(check -> check.verdict() == Verdict.PASS);
        assertThat(orders).isEqualTo("200");
        assertThat(new CopyServer(world.config(), world.workspace(order)).find())
                .isEmpty();
        assertThat(world.workspace(order).copy().resolve("recovery.signal")).doesNotExist();
    }

    @Test
    void aDrillLeavesNothingBehind() throws Exception {
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);

        StepOutcome restored = world.steps.restoreBaseBackup(order, CopyWorld.NOBODY);
        world.steps.replayWal(order, CopyWorld.NOBODY);
        ProvenPoint proven = world.steps.proveRecoveryPoint(order, CopyWorld.NOBODY);
        String orders = world.ask(order, "select count(*) from orders");
        world.steps.removeCopy(order);

        assertThat(restored.checks()).singleElement().satisfies(check -> {
            assertThat(check.name()).isEqualTo("pg_verifybackup");
            assertThat(check.verdict()).isEqualTo(Verdict.PASS);
        });
        assertThat(orders).isEqualTo("200");
        assertThat(proven.point().timeline()).isEqualTo(2);
        assertThat(world.workspace(order).root()).doesNotExist();
        assertThat(world.server.query("select count(*) from orders")).isEqualTo("200");
    }

    @Test
    void aMissingSegmentStopsTheRecoveryAndNeverPromotesIt() throws Exception {
        for (int i = 1; i < 6; i++) {
            world.ordersUpTo(200 + i);
            world.archiveAll();
        }
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        String hole = new NeededWal(order.plan(), world.backup().walSegmentSize())
                .nameOf(world.backup()
                                .walSegmentSize()
                                .parse(world.lastArchived())
                                .number()
                        - 2);
        world.store.delete(world.archive().key(hole));

        assertThatThrownBy(() -> world.steps.replayWal(order, CopyWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.WAL_GAP);
                    assertThat(failure).hasMessageContaining(hole);
                });

        assertThat(world.workspace(order).has("promoted")).isFalse();
        assertThat(world.workspace(order).copy().resolve("recovery.signal")).exists();
        assertThat(new CopyServer(world.config(), world.workspace(order)).find())
                .isEmpty();
    }
}
