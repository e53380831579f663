package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FilePiece;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FolderPart;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.Place;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.BackupEntry;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Cleanup;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Hole;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Setup;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Expiry;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Item;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.PinOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Pinned;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationInput;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers every question with one example; refuses to plan a recovery to transaction 4711. */
public final class FakeInquiry implements InquiryWorkflow {

    private static final Instant NINE = Instant.parse("2026-08-22T09:00:00Z");
    private static final Lsn LSN = Lsn.parse("0/3000148");

    @Override
    public Answer ask(Question question) {
        if (question instanceof PlanOf of) {
            return plan(of.input());
        }
        if (question instanceof Backups of) {
            return answer(
                    List.of(
                            backup("20260822T013000Z", of.cluster(), null),
                            backup("20260822T053000Z", of.cluster(), NINE.plusSeconds(60)),
                            new BackupEntry(
                                    "20260822T090000Z",
                                    "base-backup",
                                    of.cluster(),
                                    null,
                                    NINE,
                                    NINE,
                                    0,
                                    0,
                                    0,
                                    null,
                                    "cannot understand its manifest"),
                            new BackupEntry(
                                            "shop_2026-08-22_020000",
                                            "dump",
                                            of.cluster(),
                                            "shop",
                                            NINE,
                                            NINE,
                                            2048,
                                            1024,
                                            null,
                                            NINE,
                                            null)
                                    .doubted("a run saw: archive is whole: 9 bytes")
                                    .at(Lsn.parse("0/5A0148"))),
                    null,
                    null,
                    null);
        }
        if (question instanceof WindowOf) {
            return answer(
                    null,
                    new Window(
                            List.of(new Range(1, NINE, null, LSN, LSN)),
                            List.of(new Hole(1, List.of("0000000100000000000000A7"))),
                            null),
                    null,
                    null);
        }
        if (question instanceof SetupOf of) {
            return answer(null, null, new Setup(of.apply(), true, List.of("archive_mode = on")), null);
        }
        if (question instanceof CleanupOf) {
            return answer(null, null, null, new Cleanup(List.of("/old"), List.of()));
        }
        if (question instanceof FolderOf of && of.run().equals("pitr-recovery/main")) {
            // In two parts, of which the second goes on in the middle of a file.
            return of.from() == null
                    ? files(new Place("steps/a.log", 2), piece("report.json", 0, "{}"), piece("steps/a.log", 0, "a\n"))
                    : files(null, piece(of.from().name(), of.from().offset(), "b of " + of.runId() + "\n"));
        }
        if (question instanceof FolderOf) {
            return files(null, piece("../outside", 0, "!"));
        }
        if (question instanceof ExpiryOf of) {
            return retention(expiry(of.cluster(), of.apply()), null);
        }
        if (question instanceof PinOf of) {
            return retention(null, pinned(of.order()));
        }
        if (question instanceof VerificationPlanOf of) {
            return verification(of.input());
        }
        if (question instanceof BaseBackupPlanOf) {
            throw new RecoveryFailure(
                    FailureCode.CLUSTER_NOT_READY, "archive_mode is off", "'lifeboat setup postgres'");
        }
        if (question instanceof DailyDumpPlanOf of) {
            return dumps(of.query().database());
        }
        if (question instanceof BucketExamined) {
            return examined(Examination.of("bucket", "write", "an object can be written", "written", true, ""));
        }
        if (question instanceof ClusterExamined of) {
            return examined(Examination.of(
                    "postgres " + of.cluster(), "archiver", "at work", "2 waiting", false, "see the worker's log"));
        }
        return new Answer(null, null, null, null, List.of(), null, null, null, null, null);
    }

    private static Answer retention(@Nullable Expiry expiry, @Nullable Pinned pinned) {
        return new Answer(null, null, null, null, null, null, null, null, null, null, null, expiry, pinned, null, null);
    }

    private static Expiry expiry(String cluster, boolean apply) {
        if (cluster.equals("blocked")) {
            return new Expiry(
                    cluster, apply, List.of("a drill holds it"), List.of(), List.of(), List.of(), List.of(), null);
        }
        return new Expiry(
                cluster,
                apply,
                List.of(),
                List.of(new Item("base-backup", "20260101T013000Z", null, 3, 1024, "older than the window")),
                List.of(new Item("base-backup", "20260822T013000Z", null, 3, 0, "pinned")),
                apply ? List.of(new Item("dump", "shop_1", "shop", 1, 0, "the bucket keeps it")) : List.of(),
                List.of(),
                apply ? "s3://backups/evidence/expire/main/x/expired-1.json" : null);
    }

    private static Pinned pinned(PinOrder order) {
        if (!order.backup().equals("20260822T013000Z")) {
            throw new RecoveryFailure(FailureCode.UNKNOWN_BACKUP, "there is no such backup", "look again");
        }
        return new Pinned(order.cluster(), order.backup(), "base-backup", Boolean.TRUE.equals(order.pinned()), true);
    }

    private static BackupEntry backup(String id, String cluster, @Nullable Instant provedAt) {
        return new BackupEntry(id, "base-backup", cluster, null, NINE, NINE, 2048, 1024, 1, provedAt, null);
    }

    private static Answer plan(PitrRecoveryInput input) {
        if (input.target() instanceof RecoveryTarget.AtXid) {
            return new Answer(
                    null,
                    null,
                    null,
                    List.of(
                            new Refusal("UNKNOWN_XID", "no commit of transaction 4711 was found", "look in the log"),
                            new Refusal("WAL_GAP", "segment A7 is missing", "'lifeboat window main'")),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null);
        }
        BaseBackup backup =
                new BaseBackup("20260822T013000Z", "main", "7", 150018, 1, LSN, LSN, NINE, NINE, 2048, 1024, 1, null);
        RecoveryPlan plan = new RecoveryPlan(
                "main",
                "7",
                input.placement(),
                input.target(),
                input.exclusive(),
                backup,
                1,
                List.of(new RecoveryPlan.Leg(1, null)),
                LSN,
                NINE,
                NINE.plusSeconds(1),
                "000000010000000000000003",
                "000000010000000000000007",
                5,
                NINE.plusSeconds(968),
                new RecoveryPlan.Directories(
                        "/live", "/copy", "/work", input.placement() == Placement.INTO ? input.port() : 0),
                List.of("backend"),
                "abc");
        return new Answer(null, null, plan, null, null, null, null, null, null, null);
    }

    private static Answer verification(RestoreVerificationInput input) {
        if ("nope".equals(input.backup())) {
            Refusal unknown =
                    new Refusal("UNKNOWN_BACKUP", "cannot find the dump nope of main", "'lifeboat backups main'");
            return new Answer(null, null, null, List.of(unknown), null, null, null, null, null, null);
        }
        Dump dump = new Dump("shop_2026-08-22_020000", "main", "shop", "7", 150018, NINE, NINE, 2048, 1024, null);
        VerificationPlan plan = new VerificationPlan(
                "main",
                dump,
                "the newest of shop",
                true,
                "/usr/lib/postgresql/15/bin",
                new RecoveryPlan.Directories("/live", "/work/data", "/work", 0),
                input.keep() ? NINE : null,
                List.of("crm"),
                input.proveChecks());
        return new Answer(
                null, null, null, List.of(), null, null, null, null, null, null, null, null, null, null, plan);
    }

    private static Answer dumps(@Nullable String database) {
        PlannedBackup plan =
                new PlannedBackup(database == null ? List.of("crm", "shop") : List.of(database), "as asked", List.of());
        return new Answer(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, plan);
    }

    private static Answer answer(
            @Nullable List<BackupEntry> backups,
            @Nullable Window window,
            @Nullable Setup setup,
            @Nullable Cleanup cleanup) {
        return new Answer(backups, window, null, null, null, null, setup, cleanup, null, null);
    }

    private static FilePiece piece(String name, long offset, String text) {
        return new FilePiece(name, offset, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Answer files(@Nullable Place next, FilePiece... pieces) {
        return new Answer(
                null, null, null, null, null, new FolderPart("0192-a", List.of(pieces), next), null, null, null, null);
    }

    private static Answer examined(Examination examination) {
        return new Answer(null, null, null, null, null, null, null, null, null, List.of(examination));
    }
}
