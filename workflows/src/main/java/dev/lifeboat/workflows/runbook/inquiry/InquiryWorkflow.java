package dev.lifeboat.workflows.runbook.inquiry;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FolderPart;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.Place;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.KeyActivities.RewrapOrder;
import dev.lifeboat.workflows.contract.postgres.KeyActivities.RewrapPart;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.BackupEntry;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Cleanup;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Setup;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities.DumpQuery;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Expiry;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.PinOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Pinned;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.runbook.RunStatus;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreInput;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationInput;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One short question from the operator's tool, which itself holds no store and no database. */
@WorkflowInterface
public interface InquiryWorkflow {

    String TYPE = "Inquiry";

    @WorkflowMethod(name = TYPE)
    Answer ask(Question question);

    /** What can be asked. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Backups.class, name = "backups"),
        @JsonSubTypes.Type(value = WindowOf.class, name = "window"),
        @JsonSubTypes.Type(value = PlanOf.class, name = "plan"),
        @JsonSubTypes.Type(value = DumpRestorePlanOf.class, name = "dump-restore-plan"),
        @JsonSubTypes.Type(value = ReportOf.class, name = "report"),
        @JsonSubTypes.Type(value = NewestReports.class, name = "newest-reports"),
        @JsonSubTypes.Type(value = FolderOf.class, name = "folder"),
        @JsonSubTypes.Type(value = SetupOf.class, name = "setup"),
        @JsonSubTypes.Type(value = CleanupOf.class, name = "cleanup"),
        @JsonSubTypes.Type(value = RewrapOf.class, name = "rewrap"),
        @JsonSubTypes.Type(value = ExpiryOf.class, name = "expiry"),
        @JsonSubTypes.Type(value = PinOf.class, name = "pin"),
        @JsonSubTypes.Type(value = BucketExamined.class, name = "bucket-examined"),
        @JsonSubTypes.Type(value = ClusterExamined.class, name = "cluster-examined"),
        @JsonSubTypes.Type(value = VerificationPlanOf.class, name = "verification-plan"),
        @JsonSubTypes.Type(value = BaseBackupPlanOf.class, name = "base-backup-plan"),
        @JsonSubTypes.Type(value = DailyDumpPlanOf.class, name = "daily-dump-plan")
    })
    sealed interface Question {}

    record Backups(String cluster) implements Question {}

    record WindowOf(String cluster) implements Question {}

    record PlanOf(PitrRecoveryInput input) implements Question {}

    record DumpRestorePlanOf(DumpRestoreInput input) implements Question {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ReportOf(String run, @Nullable String runId) implements Question {}

    record NewestReports(List<String> runs) implements Question {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FolderOf(String run, @Nullable String runId, @Nullable Place from) implements Question {}

    record SetupOf(String cluster, boolean apply) implements Question {}

    record CleanupOf(String cluster, boolean apply) implements Question {}

    record RewrapOf(RewrapOrder order) implements Question {}
    /** @param apply deletes, under the leases of the cluster; else it only asks what would go */
    record ExpiryOf(String cluster, boolean apply) implements Question {}

    record PinOf(PinOrder order) implements Question {}

    record BucketExamined() implements Question {}

    record ClusterExamined(String cluster) implements Question {}

    record VerificationPlanOf(RestoreVerificationInput input) implements Question {}

    record BaseBackupPlanOf(String cluster) implements Question {}

    record DailyDumpPlanOf(DumpQuery query) implements Question {}

    /**
     * Only what was asked for is there; a refused plan comes as {@code refusals}, every reason with its hint.
     *
     * @param steps the steps a run would take, each with what it would change
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Answer(
            @Nullable List<BackupEntry> backups,
            @Nullable Window window,
            @Nullable RecoveryPlan plan,
            @Nullable List<Refusal> refusals,
            @Nullable List<RunReport> reports,
            @Nullable FolderPart folder,
            @Nullable Setup setup,
            @Nullable Cleanup cleanup,
            @Nullable RunStatus status,
            @Nullable List<Examination> examinations,
            @Nullable RewrapPart rewrap,
            @Nullable Expiry expiry,
            @Nullable Pinned pinned,
            @Nullable PlannedRestore dumpRestore,
            @Nullable VerificationPlan verification,
            @Nullable PlannedBackup backup) {

        /** One of no plan of a backup. */
        public Answer(
                @Nullable List<BackupEntry> backups,
                @Nullable Window window,
                @Nullable RecoveryPlan plan,
                @Nullable List<Refusal> refusals,
                @Nullable List<RunReport> reports,
                @Nullable FolderPart folder,
                @Nullable Setup setup,
                @Nullable Cleanup cleanup,
                @Nullable RunStatus status,
                @Nullable List<Examination> examinations,
                @Nullable RewrapPart rewrap,
                @Nullable Expiry expiry,
                @Nullable Pinned pinned,
                @Nullable PlannedRestore dumpRestore,
                @Nullable VerificationPlan verification) {
            this(
                    backups,
                    window,
                    plan,
                    refusals,
                    reports,
                    folder,
                    setup,
                    cleanup,
                    status,
                    examinations,
                    rewrap,
                    expiry,
                    pinned,
                    dumpRestore,
                    verification,
                    null);
        }

        /** One without what was asked for later. */
        public Answer(
                @Nullable List<BackupEntry> backups,
                @Nullable Window window,
                @Nullable RecoveryPlan plan,
                @Nullable List<Refusal> refusals,
                @Nullable List<RunReport> reports,
                @Nullable FolderPart folder,
                @Nullable Setup setup,
                @Nullable Cleanup cleanup,
                @Nullable RunStatus status,
                @Nullable List<Examination> examinations) {
            this(
                    backups,
                    window,
                    plan,
                    refusals,
                    reports,
                    folder,
                    setup,
                    cleanup,
                    status,
                    examinations,
                    null,
                    null,
                    null,
                    null,
                    null);
        }
    }

    /** @param findings what its owner should know before it begins */
    record PlannedRestore(DumpRestorePlan plan, List<Finding> findings) {}

    /**
     * What the first step of a backup would find now; where that refuses, it is the question's failure.
     *
     * @param databases that would be dumped; empty for a base backup, which is of all of them
     * @param found     in words
     */
    record PlannedBackup(List<String> databases, String found, List<Finding> findings) {}

    record Refusal(String code, String message, String hint) {}
}
