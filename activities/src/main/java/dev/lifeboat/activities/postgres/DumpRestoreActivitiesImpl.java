package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import java.util.Collection;

/** The steps of a restore of a dump, one at a time for each database, kept alive in Temporal's eyes. */
final class DumpRestoreActivitiesImpl implements DumpRestoreActivities {

    private final ClusterAccess access;
    private final RestoreFactsReader facts;
    private final RestoreDatabases databases;
    private final RestoreLoad load;
    private final RestoreChecks checks;
    private final DatabaseSwap swap;

    /** @param writers names of the configured ones */
    DumpRestoreActivitiesImpl(ClusterAccess access, LiveContext live, Collection<String> writers) {
        this.access = access;
        this.facts = new RestoreFactsReader(access, writers);
        this.databases = new RestoreDatabases(access);
        this.load = new RestoreLoad(access, facts, databases);
        this.checks = new RestoreChecks(access, live);
        this.swap = new DatabaseSwap(access);
    }

    @Override
    public DumpRestoreFacts gatherFacts(DumpRestoreQuery query) {
        return Beats.during("reading bucket and server", "steps", watch -> facts.read(query));
    }

    @Override
    public Inspected inspect(InspectOrder order) {
        access.requireName(order.cluster());
        return Beats.during(
                "looking at the dump",
                "steps",
                watch -> new Inspected(
                        facts.inspect(order.choice(), order.tables(), watch), StepOutcome.of("", access.workerName())));
    }

    @Override
    public StepOutcome checkRoom(DumpRestoreOrder order) {
        access.requireName(order.plan().cluster());
        return Beats.during("looking for room", "steps", watch -> load.checkRoom(order));
    }

    @Override
    public StepOutcome createDatabase(DumpRestoreOrder order) {
        return alone(order, "making the database", watch -> databases.create(order));
    }

    @Override
    public StepOutcome loadDump(DumpRestoreOrder order) {
        return alone(order, "loading the dump", watch -> load.load(order, watch));
    }

    @Override
    public StepOutcome analyze(DumpRestoreOrder order) {
        return alone(order, "analyzing", watch -> load.analyze(order, watch));
    }

    @Override
    public StepOutcome checkDatabase(DumpRestoreOrder order) {
        return alone(order, "comparing with the manifest", watch -> checks.compare(order, watch));
    }

    @Override
    public StepOutcome migrate(DumpRestoreOrder order) {
        return alone(order, "migrating", watch -> checks.migrate(order));
    }

    @Override
    public StepOutcome smokeTestCopy(DumpRestoreOrder order) {
        return alone(order, "smoke tests", watch -> checks.smokeTestCopy(order));
    }

    @Override
    public StepOutcome swapIn(DumpRestoreOrder order) {
        return alone(order, "swapping databases", watch -> swap.in(order));
    }

    @Override
    public StepOutcome swapBack(DumpRestoreOrder order) {
        return alone(order, "swapping back", watch -> swap.back(order));
    }

    @Override
    public StepOutcome smokeTestLive(DumpRestoreOrder order) {
        return alone(order, "smoke tests", watch -> checks.smokeTestLive(order));
    }

    @Override
    public StepOutcome dropDatabase(DumpRestoreOrder order) {
        return alone(order, "removing the restored database", watch -> {
            boolean dropped = databases.drop(order);
            new RestorePlace(access, order.plan().database()).spool().clear();
            return StepOutcome.of(dropped ? order.plan().restored() : "there was none", access.workerName());
        });
    }

    /** An attempt that Temporal gave up may still be at work, here or in another process. */
    private <T> T alone(DumpRestoreOrder order, String what, Beats.Work<T> work) {
        access.requireName(order.plan().cluster());
        return Beats.during(what, "steps", watch -> {
            try (WorkspaceLock lock = new RestorePlace(access, order.plan().database()).lock()) {
                return work.with(watch);
            }
        });
    }
}
