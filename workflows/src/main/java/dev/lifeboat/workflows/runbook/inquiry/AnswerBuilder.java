package dev.lifeboat.workflows.runbook.inquiry;

import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FolderPart;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.postgres.KeyActivities.RewrapPart;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.BackupEntry;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Cleanup;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Setup;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Expiry;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Pinned;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Answer;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PlannedBackup;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PlannedRestore;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Refusal;
import dev.lifeboat.workflows.runbook.pitrrecovery.PlannedRecovery;
import dev.lifeboat.workflows.runbook.restoreverification.PlannedVerification;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An answer has one field for each kind of question; this fills the one that was asked for. */
final class AnswerBuilder {

    private @Nullable List<BackupEntry> backups;
    private @Nullable Window window;
    private @Nullable RecoveryPlan plan;
    private @Nullable List<Refusal> refusals;
    private @Nullable List<RunReport> reports;
    private @Nullable FolderPart folder;
    private @Nullable Setup setup;
    private @Nullable Cleanup cleanup;
    private @Nullable List<Examination> examinations;
    private @Nullable RewrapPart rewrap;
    private @Nullable Expiry expiry;
    private @Nullable Pinned pinned;
    private @Nullable PlannedRestore dumpRestore;
    private @Nullable VerificationPlan verification;
    private @Nullable PlannedBackup backup;

    AnswerBuilder backups(List<BackupEntry> found) {
        backups = found;
        return this;
    }

    AnswerBuilder window(Window found) {
        window = found;
        return this;
    }

    AnswerBuilder plan(PlannedRecovery planned, List<Refusal> reasons) {
        plan = planned.plan();
        refusals = reasons;
        return this;
    }

    AnswerBuilder reports(List<RunReport> found) {
        reports = found;
        return this;
    }

    AnswerBuilder folder(@Nullable FolderPart found) {
        folder = found;
        return this;
    }

    AnswerBuilder setup(Setup done) {
        setup = done;
        return this;
    }

    AnswerBuilder cleanup(Cleanup done) {
        cleanup = done;
        return this;
    }

    AnswerBuilder examinations(List<Examination> found) {
        examinations = found;
        return this;
    }

    AnswerBuilder rewrap(RewrapPart done) {
        rewrap = done;
        return this;
    }

    AnswerBuilder expiry(Expiry found) {
        expiry = found;
        return this;
    }

    AnswerBuilder pinned(Pinned done) {
        pinned = done;
        return this;
    }

    /** @param planned null when it is refused */
    AnswerBuilder dumpRestore(@Nullable PlannedRestore planned, List<Refusal> reasons) {
        dumpRestore = planned;
        refusals = reasons;
        return this;
    }

    AnswerBuilder verification(PlannedVerification planned, List<Refusal> reasons) {
        verification = planned.plan();
        refusals = reasons;
        return this;
    }

    AnswerBuilder backup(List<String> databases, StepOutcome found) {
        backup = new PlannedBackup(databases, found.detail(), found.findings());
        return this;
    }

    Answer build() {
        return new Answer(
                backups,
                window,
                plan,
                refusals,
                reports,
                folder,
                setup,
                cleanup,
                null,
                examinations,
                rewrap,
                expiry,
                pinned,
                dumpRestore,
                verification,
                backup);
    }
}
