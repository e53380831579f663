package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.Writer;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.SavedWal;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.Map;

/**
 * The live-cluster side of a recovery: everything that looks at, closes, stops, replaces and reopens the cluster that
 * people use. Knows nothing of Temporal: the caller keeps the activity alive meanwhile, and ends a call by interrupting
 * its thread.
 */
final class LiveSteps {

    private final PostgresCluster cluster;

    /** @param writers every configured one, by name; a plan picks from them */
    LiveSteps(
            PostgresCluster cluster,
            Map<String, Writer> writers,
            ObjectStore store,
            Leases leases,
            Map<String, String> environment,
            String workerName) {
        this.cluster = cluster;
    }

    RecoveryFacts gatherFacts(FactsQuery query) {
        throw missing("gather facts");
    }

    StepOutcome stopWriters(RecoveryOrder order) {
        throw missing("stop writers");
    }

    StepOutcome startWriters(RecoveryOrder order) {
        throw missing("start writers");
    }

    StepOutcome quiesce(RecoveryOrder order) {
        throw missing("quiesce");
    }

    StepOutcome liftQuiesce(RecoveryOrder order) {
        throw missing("lift quiesce");
    }

    StepOutcome stopServer(RecoveryOrder order) {
        throw missing("stop the server");
    }

    StepOutcome startServer(RecoveryOrder order) {
        throw missing("start the server");
    }

    SavedWal saveWal(RecoveryOrder order) {
        throw missing("save WAL");
    }

    StepOutcome swapIn(RecoveryOrder order) {
        throw missing("swap in");
    }

    StepOutcome swapBack(RecoveryOrder order) {
        throw missing("swap back");
    }

    StepOutcome reopen(RecoveryOrder order) {
        throw missing("reopen");
    }

    StepOutcome smokeTestLive(RecoveryOrder order) {
        throw missing("run smoke tests");
    }

    StepOutcome checkIndexes(RecoveryOrder order) {
        throw missing("check indexes");
    }

    private RecoveryFailure missing(String what) {
        return new RecoveryFailure(
                FailureCode.NOT_AVAILABLE_YET, "cannot " + what + " of " + cluster.name() + " yet", "wait for it");
    }
}
