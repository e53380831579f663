package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.Writer;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import io.temporal.activity.Activity;
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
        return beating("reading the bucket and the live disk", watch -> live.gatherFacts(query));
    }

    @Override
    public StepOutcome stopWriters(RecoveryOrder order) {
        return beating("stopping the writers", watch -> live.stopWriters(order));
    }

    @Override
    public StepOutcome startWriters(RecoveryOrder order) {
        return beating("starting the writers", watch -> live.startWriters(order));
    }

    @Override
    public StepOutcome quiesce(RecoveryOrder order) {
        return beating("closing the cluster", watch -> live.quiesce(order));
    }

    @Override
    public StepOutcome liftQuiesce(RecoveryOrder order) {
        return beating("opening the cluster", watch -> live.liftQuiesce(order));
    }

    @Override
    public StepOutcome stopServer(RecoveryOrder order) {
        return beating("stopping the server", watch -> live.stopServer(order));
    }

    @Override
    public StepOutcome startServer(RecoveryOrder order) {
        return beating("starting the server", watch -> live.startServer(order));
    }

    @Override
    public SavedWal saveWal(RecoveryOrder order) {
        return beating("saving the last WAL", watch -> live.saveWal(order));
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
        return beating("swapping in", watch -> live.swapIn(order));
    }

    @Override
    public StepOutcome swapBack(RecoveryOrder order) {
        return beating("swapping back", watch -> live.swapBack(order));
    }

    @Override
    public StepOutcome reopen(RecoveryOrder order) {
        return beating("opening the recovered cluster", watch -> live.reopen(order));
    }

    @Override
    public StepOutcome smokeTestLive(RecoveryOrder order) {
        return beating("smoke tests", watch -> live.smokeTestLive(order));
    }

    @Override
    public StepOutcome checkIndexes(RecoveryOrder order) {
        return beating("checking indexes", watch -> live.checkIndexes(order));
    }

    @Override
    public StepOutcome removeCopy(RecoveryOrder order) {
        return beating("removing the copy", watch -> copy.removeCopy(order));
    }

    @Override
    public StepOutcome discardCopy(RecoveryOrder order) {
        return beating("removing the copy", watch -> copy.discardCopy(order));
    }

    @Override
    public StepOutcome removeWorkspace(RecoveryOrder order) {
        return beating("removing the workspace", watch -> copy.removeWorkspace(order));
    }

    private interface Step<T> {
        T with(Watch watch) throws InterruptedException;
    }

    /** A copy whose run was cancelled must not go on by itself; that of a worker that merely ends should. */
    private <T> T onCopy(RecoveryOrder order, String what, Step<T> step) {
        try {
            return beating(what, step);
        } catch (ActivityCanceledException e) {
            copy.stopCopy(order);
            throw e;
        }
    }

    private static <T> T beating(String what, Step<T> step) {
        try (Heartbeater heartbeater =
                new Heartbeater(Activity.getExecutionContext(), new Progress(what, 0, 0, "steps"))) {
            try {
                return step.with(heartbeater);
            } catch (InterruptedException | RuntimeException e) {
                // When Temporal no longer wants this attempt, what broke because of that is not the news.
                heartbeater.check();
                if (e instanceof RuntimeException runtime) {
                    throw runtime;
                }
                Thread.currentThread().interrupt();
                throw new RecoveryFailure(
                        FailureCode.COMMAND_FAILED,
                        what + " was interrupted: this worker ends",
                        "it is tried again",
                        e);
            }
        }
    }
}
