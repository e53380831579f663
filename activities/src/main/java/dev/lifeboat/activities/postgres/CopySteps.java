package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.ProvenPoint;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The copy's side of a recovery, from the base backup to a copy that may be accepted. Each step first makes sure of the
 * ones before it, so that a copy that was thrown away after a reboot is simply made again. Knows nothing of Temporal.
 */
final class CopySteps {

    private final PostgresCluster cluster;
    private final ObjectStore store;
    private final Leases leases;
    private final String workerName;

    CopySteps(PostgresCluster cluster, ObjectStore store, Leases leases, String workerName) {
        this.cluster = cluster;
        this.store = store;
        this.leases = leases;
        this.workerName = workerName;
    }

    StepOutcome restoreBaseBackup(RecoveryOrder order, Watch watch) throws InterruptedException {
        try (Attempt attempt = begin(order, watch)) {
            String detail = attempt.restore();
            return outcome(detail)
                    .withChecks(attempt.verifyInDrill())
                    .withFindings(Stream.concat(
                                    new CopyTablespaces(attempt.workspace).findings().stream(),
                                    EarlierChunks.findings(attempt.workspace).stream())
                            .toList());
        }
    }

    StepOutcome configureRecovery(RecoveryOrder order, Watch watch) throws InterruptedException {
        try (Attempt attempt = begin(order, watch)) {
            attempt.restore();
            List<Check> checks = attempt.configure();
            return outcome("target " + order.plan().target().asTyped() + ", timeline "
                            + order.plan().timeline())
                    .withChecks(checks);
        }
    }

    StepOutcome replayWal(RecoveryOrder order, Watch watch) throws InterruptedException {
        try (Attempt attempt = begin(order, watch)) {
            return outcome(attempt.recover()).withFindings(PlannedWal.findings(attempt.workspace));
        }
    }

    ProvenPoint proveRecoveryPoint(RecoveryOrder order, Watch watch) throws InterruptedException {
        try (Attempt attempt = begin(order, watch)) {
            attempt.recover();
            return new CopyEvidence(cluster, store, order.plan(), attempt.workspace).prove(workerName);
        }
    }

    StepOutcome smokeTestCopy(RecoveryOrder order, Watch watch) throws InterruptedException {
        try (Attempt attempt = begin(order, watch)) {
            attempt.recover();
            CopySmokeTests tests = new CopySmokeTests(cluster, new CopySession(cluster, attempt.workspace), watch);
            List<Check> checks = tests.run();
            return outcome(checks.size() + " checks").withChecks(checks).withFindings(tests.findings());
        }
    }

    StepOutcome makeDurable(RecoveryOrder order, Watch watch) throws InterruptedException {
        try (Attempt attempt = begin(order, watch)) {
            Durability durability = new Durability(cluster, order.plan(), attempt.workspace);
            if (!durability.isDone()) {
                attempt.recover();
            }
            watch.progress(new Progress("writing the copy to the disk", 0, 0, "bytes"));
            return outcome("stopped cleanly and synced").withChecks(durability.establish());
        }
    }

    StepOutcome removeCopy(RecoveryOrder order) throws InterruptedException {
        leases.check(order.fence());
        RecoveryWorkspace workspace = workspace(order.plan());
        return outcome(new CopyRemoval(cluster, workspace).remove(order.fence()));
    }

    StepOutcome discardCopy(RecoveryOrder order) throws InterruptedException {
        leases.check(order.fence());
        return outcome(new CopyRemoval(cluster, workspace(order.plan())).discard(order.fence()));
    }

    StepOutcome removeWorkspace(RecoveryOrder order) throws InterruptedException {
        leases.check(order.fence());
        return outcome(new CopyRemoval(cluster, workspace(order.plan())).removeWorkspace(order.fence()));
    }

    /** For a cancelled run: the copy must not go on by itself. Never throws. */
    void stopCopy(RecoveryOrder order) {
        RecoveryWorkspace workspace = workspace(order.plan());
        if (workspace.belongsTo(order.fence())) {
            CopyProcess.endAny(workspace.copy());
        }
    }

    private RecoveryWorkspace workspace(RecoveryPlan plan) {
        return new RecoveryWorkspace(plan.directories(), new ServerUser(cluster.runAs()));
    }

    private StepOutcome outcome(String detail) {
        return StepOutcome.of(detail, workerName);
    }

    private Attempt begin(RecoveryOrder order, Watch watch) {
        leases.check(order.fence());
        RecoveryWorkspace workspace = workspace(order.plan());
        return new Attempt(order.plan(), workspace, workspace.claim(order.fence()), watch);
    }

    /** One attempt of one step, alone in the workspace. */
    private final class Attempt implements AutoCloseable {
        private final RecoveryPlan plan;
        private final RecoveryWorkspace workspace;
        private final WorkspaceLock lock;
        private final Watch watch;
        private final CopyLogs logs;

        Attempt(RecoveryPlan plan, RecoveryWorkspace workspace, WorkspaceLock lock, Watch watch) {
            this.plan = plan;
            this.workspace = workspace;
            this.lock = lock;
            this.watch = watch;
            this.logs = CopyLogs.from(workspace.logs());
        }

        String restore() throws InterruptedException {
            if (workspace.has("restored")) {
                return "restored before";
            }
            BaseBackupManifest manifest = manifest();
            OutsideConfiguration outside =
                    new OutsideConfiguration(workspace, manifest.outside(), cluster.configFile());
            NeededWal wal = new NeededWal(plan, manifest.walSegmentSize());
            try (WalFeeder ahead = new WalFeeder(workspace, wal, supply(wal), wal.first())) {
                // One thread: the first WAL is on its way while the chunks take what the cores have.
                ahead.start(1);
                return new BaseBackupRestore(plan, workspace, store, manifest, outside, watch).run();
            } catch (IOException e) {
                throw FileTrees.failed("fetch WAL into " + workspace.wal(), e);
            }
        }

        /** It was there, and could be read, when the plan was made. */
        private BaseBackupManifest manifest() {
            try {
                return new BaseBackupCatalog(store, plan.cluster())
                        .read(plan.systemId(), plan.backup().id());
            } catch (RecoveryFailure e) {
                if (e.code() != FailureCode.UNKNOWN_BACKUP && e.code() != FailureCode.UNEXPECTED_STATE) {
                    throw e;
                }
                throw BaseBackupRestore.damaged(plan, String.valueOf(e.getMessage()), List.of());
            }
        }

        List<Check> verifyInDrill() {
            return plan.placement() == Placement.DRILL
                    ? new ArrayList<>(BackupVerification.run(cluster, workspace))
                    : List.of();
        }

        List<Check> configure() {
            List<Check> checks = new CopyConfiguration(cluster, plan, workspace).prepare();
            new CopyEvidence(cluster, store, plan, workspace).rememberEndOfWal();
            workspace.write("configured", "");
            return checks;
        }

        String recover() throws InterruptedException {
            restore();
            if (!workspace.has("configured")) {
                configure();
            }
            return new Replay(cluster, plan, workspace, this::supply, watch).run();
        }

        private WalSupply supply(NeededWal path) {
            return new PlannedWal(
                    workspace,
                    path,
                    new WalArchive(store, plan.cluster(), plan.systemId()),
                    cluster.dataDirectory().resolve("pg_wal"));
        }

        @Override
        public void close() {
            logs.quoteNew();
            lock.close();
        }
    }
}
