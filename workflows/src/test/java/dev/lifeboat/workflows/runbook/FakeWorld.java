package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.ProofOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.VerificationFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.contract.writers.WriterActivities;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import io.temporal.activity.Activity;
import io.temporal.client.ActivityCompletionException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL cluster and a bucket that only write down what they were asked to do, and fail where a test says so. */
public final class FakeWorld {

    public static final String WORKER = "1@fake";

    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final List<String> backups = new CopyOnWriteArrayList<>();
    private final Map<String, RecoveryFailure> failures = new ConcurrentHashMap<>();
    private final Set<String> once = ConcurrentHashMap.newKeySet();
    private final Set<String> hanging = ConcurrentHashMap.newKeySet();
    private final Set<String> damaged = ConcurrentHashMap.newKeySet();
    private final Map<String, List<Check>> checks = new ConcurrentHashMap<>();
    private final Set<String> unconfigured = ConcurrentHashMap.newKeySet();
    private final List<RunReport> reports = new CopyOnWriteArrayList<>();
    private volatile DumpRestoreFacts restoreFacts = DumpFacts.facts();
    private volatile RecoveryFacts facts = Facts.ofOneBackupAndSomeWal();
    private volatile VerificationFacts dumps = DumpsToVerify.of(DumpsToVerify.dump("shop_2026-08-22_020000", "shop"));
    private volatile Window window = DumpsToVerify.WINDOW;
    private final List<ProofOrder> proofs = new CopyOnWriteArrayList<>();

    /** What was asked for, in order, without the questions and the evidence. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    /** What was done with which base backup, in order. */
    public List<String> backups() {
        return List.copyOf(backups);
    }

    public List<RunReport> reports() {
        return List.copyOf(reports);
    }

    /** This activity finds nothing to do. */
    public void unconfigured(String activity) {
        unconfigured.add(activity);
    }

    public void facts(RecoveryFacts known) {
        facts = known;
    }

    public void restoreFacts(DumpRestoreFacts known) {
        restoreFacts = known;
    }

    public void dumps(VerificationFacts known) {
        dumps = known;
    }

    public void window(Window known) {
        window = known;
    }

    public List<ProofOrder> proofs() {
        return List.copyOf(proofs);
    }

    /** Every call of this activity fails from now on. */
    public void fail(String activity, FailureCode code) {
        failures.put(activity, new RecoveryFailure(code, "fake " + activity + " failed", "try something else"));
    }

    public void heal(String activity) {
        failures.remove(activity);
    }

    public void failOnce(String activity, FailureCode code) {
        once.add(activity);
        fail(activity, code);
    }

    /** This activity finds this base backup damaged, until it is mended. */
    public void damage(String activity, String backup) {
        damaged.add(activity + " " + backup);
    }

    public void mend(String backup) {
        damaged.removeIf(each -> each.endsWith(" " + backup));
    }

    /** This activity goes on until it is cancelled. */
    public void hang(String activity) {
        hanging.add(activity);
    }

    public void check(String activity, Check check) {
        checks.put(activity, List.of(check));
    }

    public void noChecks(String activity) {
        checks.remove(activity);
    }

    public List<Object> postgres() {
        return List.of(
                new Recovery(),
                new Backups(),
                new Dumps(),
                new RetentionOfBackups(),
                new Restores(),
                new Writers(),
                new Verification(),
                new Catalog());
    }

    public List<Object> platform() {
        return List.of(new Leases(), new Evidence());
    }

    private StepOutcome does(String activity) {
        calls.add(activity);
        RecoveryFailure failure = failures.get(activity);
        if (failure != null) {
            if (once.remove(activity)) {
                failures.remove(activity);
            }
            throw failure;
        }
        if (hanging.contains(activity)) {
            hang();
        }
        if (unconfigured.contains(activity)) {
            return StepOutcome.leftOut("none is configured", WORKER);
        }
        return StepOutcome.of(activity + " done", WORKER).withChecks(checks.getOrDefault(activity, List.of()));
    }

    private StepOutcome fromBackup(String activity, RecoveryOrder order) {
        String backup = order.plan().backup().id();
        backups.add(activity + " from " + backup);
        if (damaged.contains(activity + " " + backup)) {
            calls.add(activity);
            throw new RecoveryFailure(
                    FailureCode.BACKUP_DAMAGED, "base backup %s is damaged: fake chunk".formatted(backup), "mend it");
        }
        return does(activity);
    }

    private static void hang() {
        while (true) {
            try {
                Activity.getExecutionContext().heartbeat(null);
                Thread.sleep(50);
            } catch (ActivityCompletionException cancelled) {
                throw cancelled;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private final class Recovery implements PostgresRecoveryActivities {
        @Override
        public RecoveryFacts gatherFacts(FactsQuery query) {
            return facts;
        }

        @Override
        public StepOutcome stopWriters(RecoveryOrder order) {
            return does("stopWriters");
        }

        @Override
        public StepOutcome startWriters(RecoveryOrder order) {
            return does("startWriters");
        }

        @Override
        public StepOutcome quiesce(RecoveryOrder order) {
            return does("quiesce");
        }

        @Override
        public StepOutcome liftQuiesce(RecoveryOrder order) {
            return does("liftQuiesce");
        }

        @Override
        public StepOutcome stopServer(RecoveryOrder order) {
            return does("stopServer");
        }

        @Override
        public StepOutcome startServer(RecoveryOrder order) {
            return does("startServer");
        }

        @Override
        public SavedWal saveWal(RecoveryOrder order) {
            return new SavedWal(does("saveWal"), List.of(), Lsn.parse("0/9000000"), Facts.LAST_COMMIT);
        }

        @Override
        public StepOutcome restoreBaseBackup(RecoveryOrder order) {
            return fromBackup("restoreBaseBackup", order);
        }

        @Override
        public StepOutcome configureRecovery(RecoveryOrder order) {
            return does("configureRecovery");
        }

        @Override
        public StepOutcome replayWal(RecoveryOrder order) {
            return fromBackup("replayWal", order);
        }

        @Override
        public ProvenPoint proveRecoveryPoint(RecoveryOrder order) {
            StepOutcome outcome = does("proveRecoveryPoint");
            Instant last = Optional.ofNullable(order.plan().lastCommitAt()).orElse(Facts.LAST_COMMIT);
            return new ProvenPoint(
                    outcome,
                    new RecoveryPoint(
                            Lsn.parse("0/55A0148"), 2, last, order.plan().nextCommitAt()),
                    Facts.LAST_COMMIT,
                    order.plan().firstSegment(),
                    order.plan().lastSegment(),
                    order.plan().segments());
        }

        @Override
        public StepOutcome smokeTestCopy(RecoveryOrder order) {
            return does("smokeTestCopy");
        }

        @Override
        public StepOutcome makeDurable(RecoveryOrder order) {
            return does("makeDurable");
        }

        @Override
        public StepOutcome swapIn(RecoveryOrder order) {
            return does("swapIn")
                    .withLeftBehind(List.of(new LeftBehind(
                            "old data directory",
                            order.plan().directories().live() + ".before-20260822T093000Z",
                            Instant.parse("2026-08-29T09:30:00Z"))));
        }

        @Override
        public StepOutcome swapBack(RecoveryOrder order) {
            return does("swapBack");
        }

        @Override
        public StepOutcome reopen(RecoveryOrder order) {
            return does("reopen");
        }

        @Override
        public StepOutcome smokeTestLive(RecoveryOrder order) {
            return does("smokeTestLive");
        }

        @Override
        public StepOutcome checkIndexes(RecoveryOrder order) {
            return does("checkIndexes");
        }

        @Override
        public StepOutcome removeCopy(RecoveryOrder order) {
            return does("removeCopy");
        }

        @Override
        public StepOutcome discardCopy(RecoveryOrder order) {
            return fromBackup("discardCopy", order);
        }

        @Override
        public StepOutcome removeWorkspace(RecoveryOrder order) {
            return does("removeWorkspace");
        }
    }

    private final class Backups implements PostgresBackupActivities {
        @Override
        public StepOutcome checkCluster(String cluster) {
            return does("checkCluster");
        }

        @Override
        public TakenBackup takeBaseBackup(BackupOrder order) {
            return new TakenBackup(Facts.backup("20260822T100000Z"), does("takeBaseBackup"));
        }

        @Override
        public StepOutcome verifyBaseBackup(BackupRef backup) {
            return does("verifyBaseBackup");
        }

        @Override
        public StepOutcome awaitWal(BackupRef backup) {
            return does("awaitWal");
        }
    }

    /** A cluster of the databases {@code shop} and {@code crm}; what is done with one of them can be told to fail. */
    private final class Dumps implements PostgresDumpActivities {
        @Override
        public FoundDatabases findDatabases(DumpQuery query) {
            String only = query.database();
            return new FoundDatabases(only == null ? List.of("shop", "crm") : List.of(only), does("findDatabases"));
        }

        @Override
        public TakenDump dumpDatabase(DumpOrder order) {
            StepOutcome outcome = does("dumpDatabase " + order.database());
            Instant at = Instant.parse("2026-08-22T02:00:00Z");
            return new TakenDump(
                    new Dump(
                            order.database() + "_2026-08-22_020000",
                            order.cluster(),
                            order.database(),
                            "7",
                            150018,
                            at,
                            at.plusSeconds(9),
                            2048,
                            1024,
                            null),
                    outcome);
        }

        @Override
        public StepOutcome verifyDump(DumpRef dump) {
            return does("verifyDump " + dump.dumpId().substring(0, dump.dumpId().indexOf('_')));
        }
    }

    private final class RetentionOfBackups implements PostgresRetentionActivities {
        @Override
        public Expiry planExpiry(String cluster) {
            return new Expiry(cluster, false, List.of(), List.of(), List.of(), List.of(), List.of(), null);
        }

        @Override
        public Expiry expire(ExpiryOrder order) {
            does("expire");
            return new Expiry(order.cluster(), true, List.of(), List.of(), List.of(), List.of(), List.of(), null);
        }

        @Override
        public StepOutcome expireBackups(ExpiryOrder order) {
            return does("expireBackups");
        }

        @Override
        public Pinned pin(PinOrder order) {
            return new Pinned(order.cluster(), order.backup(), "base-backup", true, false);
        }
    }

    private final class Restores implements DumpRestoreActivities {
        @Override
        public DumpRestoreFacts gatherFacts(DumpRestoreQuery query) {
            return restoreFacts;
        }

        @Override
        public Inspected inspect(InspectOrder order) {
            return new Inspected(
                    order.tables().contains(DumpFacts.UNKNOWN)
                            ? DumpFacts.source(DumpFacts.without(DumpFacts.UNKNOWN, "", List.of()))
                            : DumpFacts.source(),
                    StepOutcome.of("", WORKER));
        }

        @Override
        public StepOutcome checkRoom(DumpRestoreOrder order) {
            return does("checkRoom");
        }

        @Override
        public StepOutcome createDatabase(DumpRestoreOrder order) {
            return does("createDatabase");
        }

        @Override
        public StepOutcome loadDump(DumpRestoreOrder order) {
            return does("loadDump");
        }

        @Override
        public StepOutcome analyze(DumpRestoreOrder order) {
            return does("analyze");
        }

        @Override
        public StepOutcome checkDatabase(DumpRestoreOrder order) {
            return does("checkDatabase");
        }

        @Override
        public StepOutcome migrate(DumpRestoreOrder order) {
            return does("migrate");
        }

        @Override
        public StepOutcome smokeTestCopy(DumpRestoreOrder order) {
            return does("smokeTestCopy");
        }

        @Override
        public StepOutcome swapIn(DumpRestoreOrder order) {
            return does("swapIn")
                    .withLeftBehind(List.of(
                            new LeftBehind("replaced database", "shop_before", Instant.parse("2026-08-29T09:30:00Z"))));
        }

        @Override
        public StepOutcome swapBack(DumpRestoreOrder order) {
            return does("swapBack");
        }

        @Override
        public StepOutcome smokeTestLive(DumpRestoreOrder order) {
            return does("smokeTestLive");
        }

        @Override
        public StepOutcome dropDatabase(DumpRestoreOrder order) {
            return does("dropDatabase");
        }
    }

    private final class Writers implements WriterActivities {
        @Override
        public StepOutcome stopWriters(WriterOrder order) {
            return does("stopWriters");
        }

        @Override
        public StepOutcome startWriters(WriterOrder order) {
            return does("startWriters");
        }
    }

    private final class Verification implements PostgresVerificationActivities {
        @Override
        public VerificationFacts gatherFacts(String cluster) {
            return dumps;
        }

        @Override
        public StepOutcome startServer(VerificationOrder order) {
            return does("startServer");
        }

        @Override
        public StepOutcome restoreGlobals(VerificationOrder order) {
            return does("restoreGlobals");
        }

        /** Red where a test says so: then nothing was restored. */
        @Override
        public LoadedDump loadDump(VerificationOrder order) {
            StepOutcome outcome = does("loadDump");
            return new LoadedDump(
                    outcome.checks().stream().noneMatch(check -> check.verdict() == Verdict.FAIL), outcome);
        }

        @Override
        public CheckedDatabase checkDatabase(VerificationOrder order) {
            return new CheckedDatabase(Instant.now().minusSeconds(90), does("checkDatabase"));
        }

        @Override
        public ProvenChecks proveChecks(VerificationOrder order) {
            return new ProvenChecks(Map.of("tables", DumpsToVerify.SEEN), does("proveChecks"));
        }

        @Override
        public StepOutcome keepServer(VerificationOrder order) {
            return does("keepServer")
                    .withLeftBehind(List.of(new LeftBehind(
                            "throw-away server", "psql -h /tmp/x", order.plan().keptUntil())));
        }

        @Override
        public StepOutcome removeServer(VerificationOrder order) {
            return does("removeServer");
        }

        @Override
        public StepOutcome noteProof(ProofOrder order) {
            proofs.add(order);
            return does("noteProof");
        }
    }

    private final class Catalog implements PostgresCatalogActivities {
        @Override
        public List<BackupEntry> listBackups(String cluster) {
            return List.of();
        }

        @Override
        public Window window(String cluster) {
            return window;
        }

        @Override
        public Setup setup(SetupOrder order) {
            throw new UnsupportedOperationException("setup");
        }

        @Override
        public Cleanup cleanup(CleanupOrder order) {
            throw new UnsupportedOperationException("cleanup");
        }
    }

    private final class Leases implements LeaseActivities {
        @Override
        public Fence takeLease(LeaseRequest request) {
            does("takeLease");
            return new Fence(request.target(), 7, request.runId());
        }

        @Override
        public void releaseLease(Fence fence) {
            does("releaseLease");
        }
    }

    private final class Evidence implements EvidenceActivities {
        @Override
        public void forgetRefusedRun(RefusedRun run) {
            calls.add("forgetRefusedRun");
        }

        @Override
        public Written writeReport(RunReport report) {
            RecoveryFailure failure = failures.get("writeReport");
            if (failure != null) {
                if (once.remove("writeReport")) {
                    failures.remove("writeReport");
                }
                throw failure;
            }
            Written written = new Written(
                    "s3://fake/evidence/", Map.of("replay-wal", List.of("steps/09-replay-wal-1.log")), null);
            reports.add(report.keptAt(written.address(), written.logs(), written.previous()));
            return written;
        }

        @Override
        public @Nullable RunReport readReport(ReportQuery query) {
            return reports.isEmpty() ? null : reports.get(reports.size() - 1);
        }

        @Override
        public List<RunReport> newestReports(List<String> runs) {
            return new ArrayList<>(reports);
        }

        @Override
        public FolderPart readFolder(FolderQuery query) {
            FilePiece report = new FilePiece("report.json", 0, "{}".getBytes(StandardCharsets.UTF_8));
            return new FolderPart("0192-a", List.of(report), null);
        }
    }
}
