package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.Writer;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import io.temporal.client.ActivityCanceledException;
import java.util.Map;

/** Keeps each step of a recovery alive in Temporal's eyes, and lets others do it. */
public final class PostgresRecoveryActivitiesImpl implements PostgresRecoveryActivities {

    private final LiveSteps live;
    private final CopySteps copy;

    /** @param writers every configured one, by name */
    public PostgresRecoveryActivitiesImpl(
            PostgresCluster cluster,
            Map<String, Writer> writers,
            ObjectStore store,
            Leases leases,
            Map<String, String> environment,
            String workerName) {
        this.live = new LiveSteps(cluster, writers, store, leases, environment, workerName);
        this.copy = new CopySteps(cluster, store, leases, workerName);
    }

    @Override
    public RecoveryFacts gatherFacts(FactsQuery query) {
        return Beats.during("reading the bucket and the live disk", "steps", watch -> live.gatherFacts(query));
    }

    @Override
    public StepOutcome stopWriters(RecoveryOrder order) {
        return Beats.during("stopping the writers", "steps", watch -> live.stopWriters(order));
    }

    @Override
    public StepOutcome startWriters(RecoveryOrder order) {
        return Beats.during("starting the writers", "steps", watch -> live.startWriters(order));
    }

    @Override
    public StepOutcome quiesce(RecoveryOrder order) {
        return Beats.during("closing the cluster", "steps", watch -> live.quiesce(order));
    }

    @Override
    public StepOutcome liftQuiesce(RecoveryOrder order) {
        return Beats.during("opening the cluster", "steps", watch -> live.liftQuiesce(order));
    }

    @Override
    public StepOutcome stopServer(RecoveryOrder order) {
        return Beats.during("stopping the server", "steps", watch -> live.stopServer(order));
    }

    @Override
    public StepOutcome startServer(RecoveryOrder order) {
        return Beats.during("starting the server", "steps", watch -> live.startServer(order));
    }

    @Override
    public SavedWal saveWal(RecoveryOrder order) {
        return Beats.during("saving the last WAL", "steps", watch -> live.saveWal(order));
    }

    @Override
    public StepOutcome restoreBaseBackup(RecoveryOrder order) {
        return onCopy(order, "base backup", watch -> copy.restoreBaseBackup(order, watch));
    }

    @Override
    public StepOutcome configureRecovery(RecoveryOrder order) {
        return onCopy(order, "recovery settings", watch -> copy.configureRecovery(order, watch));
    }

    @Override
    public StepOutcome replayWal(RecoveryOrder order) {
        return onCopy(order, "WAL segments", watch -> copy.replayWal(order, watch));
    }

    @Override
    public ProvenPoint proveRecoveryPoint(RecoveryOrder order) {
        return onCopy(order, "recovery point", watch -> copy.proveRecoveryPoint(order, watch));
    }

    @Override
    public StepOutcome smokeTestCopy(RecoveryOrder order) {
        return onCopy(order, "smoke tests", watch -> copy.smokeTestCopy(order, watch));
    }

    @Override
    public StepOutcome makeDurable(RecoveryOrder order) {
        return onCopy(order, "writing the copy to the disk", watch -> copy.makeDurable(order, watch));
    }

    @Override
    public StepOutcome swapIn(RecoveryOrder order) {
        return Beats.during("swapping in", "steps", watch -> live.swapIn(order));
    }

    @Override
    public StepOutcome swapBack(RecoveryOrder order) {
        return Beats.during("swapping back", "steps", watch -> live.swapBack(order));
    }

    @Override
    public StepOutcome reopen(RecoveryOrder order) {
        return Beats.during("opening the recovered cluster", "steps", watch -> live.reopen(order));
    }

    @Override
    public StepOutcome smokeTestLive(RecoveryOrder order) {
        return Beats.during("smoke tests", "steps", watch -> live.smokeTestLive(order));
    }

    @Override
    public StepOutcome checkIndexes(RecoveryOrder order) {
        return Beats.during("checking indexes", "steps", watch -> live.checkIndexes(order));
    }

    @Override
    public StepOutcome removeCopy(RecoveryOrder order) {
        return Beats.during("removing the copy", "steps", watch -> copy.removeCopy(order));
    }

    @Override
    public StepOutcome discardCopy(RecoveryOrder order) {
        return Beats.during("removing the copy", "steps", watch -> copy.discardCopy(order));
    }

    @Override
    public StepOutcome removeWorkspace(RecoveryOrder order) {
        return Beats.during("removing the workspace", "steps", watch -> copy.removeWorkspace(order));
    }

    /** A copy whose run was cancelled must not go on by itself; that of a worker that merely ends should. */
    private <T> T onCopy(RecoveryOrder order, String what, Beats.Work<T> step) {
        try {
            return Beats.during(what, "steps", step);
        } catch (ActivityCanceledException e) {
            copy.stopCopy(order);
            throw e;
        }
    }
}
