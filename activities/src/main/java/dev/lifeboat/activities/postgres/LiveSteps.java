package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.LiveDatabase.Answer;
import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.Writer;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.SavedWal;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import java.util.Map;

/**
 * The live-cluster side of a recovery: everything that looks at, closes, stops, replaces and reopens the cluster that
 * people use. Knows nothing of Temporal: the caller keeps the activity alive meanwhile, and ends a call by interrupting
 * its thread.
 */
final class LiveSteps {

    private final PostgresCluster cluster;
    private final Writers writerCommands;
    private final Quiesce quiesce;
    private final LiveStopStart server;
    private final Swap swap;
    private final LiveDatabase database;
    private final LiveSmokeTests smokeTests;
    private final IndexCheck indexes;
    private final LiveContext context;
    private final RecoveryFactsReader facts;
    private final WalSalvage salvage;
    private final Reopen reopen;

    /** @param writers every configured one, by name; a plan picks from them */
    LiveSteps(
            PostgresCluster cluster,
            Map<String, Writer> writers,
            ObjectStore store,
            Leases leases,
            Map<String, String> environment,
            String workerName) {
        this.cluster = cluster;
        this.context = LiveContext.of(cluster, leases, environment, workerName);
        this.writerCommands = new Writers(context, writers);
        this.quiesce = new Quiesce(context);
        this.server = new LiveStopStart(context);
        this.swap = new Swap(context);
        this.database = new LiveDatabase(context);
        this.smokeTests = new LiveSmokeTests(context);
        this.indexes = new IndexCheck(context);
        this.facts = new RecoveryFactsReader(context, store, writers);
        this.salvage = new WalSalvage(context, store);
        this.reopen = new Reopen(context, store, quiesce);
    }

    RecoveryFacts gatherFacts(FactsQuery query) {
        return facts.read(query).withOutcome(StepOutcome.of("", context.workerName()));
    }

    StepOutcome stopWriters(RecoveryOrder order) {
        return writerCommands.stop(order);
    }

    StepOutcome startWriters(RecoveryOrder order) {
        return writerCommands.start(order);
    }

    StepOutcome quiesce(RecoveryOrder order) {
        return quiesce.close(order);
    }

    StepOutcome liftQuiesce(RecoveryOrder order) {
        return quiesce.lift(order);
    }

    StepOutcome stopServer(RecoveryOrder order) {
        return server.stop(order);
    }

    StepOutcome startServer(RecoveryOrder order) {
        if (!server.wasRunning(order)) {
            return context.outcome("it was not running when the recovery began, and is left so");
        }
        if (quiesce.isClosed()) {
            return context.outcome(server.start(order, quiesce::knock) + ", still closed to others");
        }
        String how = server.start(order, this::knockAsBefore);
        Answer now = database.tryLogin(cluster.port());
        return context.outcome(
                how + (now.accepted() ? ", accepts logins" : ", refuses our login as its rules say: " + now.message()));
    }

    /** What is put back as it was may have refused us before. */
    private Answer knockAsBefore() {
        Answer answer = database.tryLogin(cluster.port());
        return answer.refusedByRule() ? Answer.ADMITTED : answer;
    }

    SavedWal saveWal(RecoveryOrder order) {
        return salvage.save(order);
    }

    StepOutcome swapIn(RecoveryOrder order) {
        return swap.in(order);
    }

    StepOutcome swapBack(RecoveryOrder order) {
        return swap.back(order);
    }

    StepOutcome reopen(RecoveryOrder order) {
        return reopen.open(order);
    }

    StepOutcome smokeTestLive(RecoveryOrder order) {
        return smokeTests.run(order);
    }

    StepOutcome checkIndexes(RecoveryOrder order) {
        return indexes.run(order);
    }
}
