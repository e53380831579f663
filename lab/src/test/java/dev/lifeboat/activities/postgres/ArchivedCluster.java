package dev.lifeboat.activities.postgres;

import static org.awaitility.Awaitility.await;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.SetupOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.ProvenPoint;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryPlan;
import dev.lifeboat.workflows.runbook.pitrrecovery.PlannedRecovery;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A server beside which the product's own archiver runs, with a bucket in memory; no Temporal. */
final class ArchivedCluster implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    final InMemoryObjectStore store = new InMemoryObjectStore();
    final LabPostgres server;
    private final WalArchiver archiver;
    private int backups;
    private int runs;
    private @Nullable StepOutcome swapped;
    private @Nullable StepOutcome reopened;

    /** @param started not archiving yet */
    ArchivedCluster(LabPostgres started) {
        server = started;
        archiver = new WalArchiver(access());
        catalog().setup(new SetupOrder("main", true));
        server.restart();
        archiver.start();
    }

    ClusterAccess access() {
        return new ClusterAccess(server.config(), store, fence -> {}, Map.of(), "1@test");
    }

    PostgresCatalogActivitiesImpl catalog() {
        return new PostgresCatalogActivitiesImpl(access());
    }

    LiveSteps live() {
        return new LiveSteps(server.config(), Map.of(), store, fence -> {}, Map.of(), "1@test");
    }

    CopySteps copy() {
        return new CopySteps(server.config(), store, fence -> {}, "1@test");
    }

    int backups() {
        return backups;
    }

    /** Returns when the archiver has ended what it had begun, and has looked again. */
    void awaitArchiver() {
        for (int i = 0; i < 2; i++) {
            ArchiverStatus before = archiver.status();
            await().atMost(LIMIT).until(() -> archiver.status() != before);
        }
    }

    /** Returns when everything that the backup needs is in the bucket. */
    BaseBackupManifest backUp() throws Exception {
        BaseBackupManifest taken = new BaseBackupTaker(
                        access(), new Fence("main", 1, "backup-" + ++backups), BackupWorld.NOBODY, 8 << 20)
                .take();
        WalArchive archive = access().archive(taken.systemId());
        for (String name : BackupReadBack.neededWal(taken)) {
            await("archiving of " + name).atMost(LIMIT).until(() -> archive.has(name));
        }
        return taken;
    }

    PlannedRecovery plan(RecoveryTarget target, boolean exclusive, @Nullable String timeline, Placement placement) {
        return plan(target, exclusive, timeline, placement, null, 0);
    }

    PlannedRecovery plan(
            RecoveryTarget target,
            boolean exclusive,
            @Nullable String timeline,
            Placement placement,
            @Nullable String into,
            int port) {
        return plan(live(), input(target, exclusive, timeline, placement, into, port));
    }

    /** What is said where {@code lifeboat.yaml} names another server of this cluster. */
    PlannedRecovery plan(PostgresCluster named, RecoveryTarget target, Placement placement) {
        LiveSteps there = new LiveSteps(named, Map.of(), store, fence -> {}, Map.of(), "1@test");
        return plan(there, input(target, false, null, placement, null, 0));
    }

    private static PlannedRecovery plan(LiveSteps live, PitrRecoveryInput input) {
        return PitrRecoveryPlan.decide(input, live.gatherFacts(PitrRecoveryPlan.query(input)));
    }

    private static PitrRecoveryInput input(
            RecoveryTarget target,
            boolean exclusive,
            @Nullable String timeline,
            Placement placement,
            @Nullable String into,
            int port) {
        return new PitrRecoveryInput(
                new RunRequest(
                        "ana", "", true, false, new Objectives(Duration.ofHours(1), Duration.ofHours(1)), Map.of()),
                "main",
                target,
                exclusive,
                timeline,
                null,
                placement,
                into,
                port);
    }

    RecoveryOrder order(PlannedRecovery planned) {
        if (!planned.refusals().isEmpty()) {
            throw new AssertionError(planned.refusals().toString());
        }
        return new RecoveryOrder(Objects.requireNonNull(planned.plan()), new Fence("main", ++runs, "run-" + runs));
    }

    void close(RecoveryOrder order) {
        live().quiesce(order);
        live().stopServer(order);
        live().saveWal(order);
    }

    /** From the base backup to a copy whose recovery point is proved. */
    ProvenPoint recoverCopy(RecoveryOrder order) throws InterruptedException {
        copy().restoreBaseBackup(order, CopyWorld.NOBODY);
        copy().configureRecovery(order, CopyWorld.NOBODY);
        copy().replayWal(order, CopyWorld.NOBODY);
        return copy().proveRecoveryPoint(order, CopyWorld.NOBODY);
    }

    /** The steps of a recovery in place, in the order of the runbook. */
    ProvenPoint recover(RecoveryOrder order) throws InterruptedException {
        close(order);
        ProvenPoint proven = recoverCopy(order);
        copy().makeDurable(order, CopyWorld.NOBODY);
        swapped = live().swapIn(order);
        reopened = live().reopen(order);
        copy().removeCopy(order);
        return proven;
    }

    StepOutcome swapped() {
        return Objects.requireNonNull(swapped);
    }

    StepOutcome reopened() {
        return Objects.requireNonNull(reopened);
    }

    String ask(RecoveryOrder order, String sql) {
        return new CopySession(
                        server.config(), new RecoveryWorkspace(order.plan().directories(), access().user()))
                .require(server.database(), sql);
    }

    @Override
    public void close() {
        archiver.close();
        server.close();
    }
}
