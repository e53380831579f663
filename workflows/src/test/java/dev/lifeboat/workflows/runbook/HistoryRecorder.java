package dev.lifeboat.workflows.runbook;

import static org.awaitility.Awaitility.await;

import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.RunMessages.Decision;
import dev.lifeboat.workflows.runbook.RunMessages.GateAnswer;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupInput;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupWorkflow;
import dev.lifeboat.workflows.runbook.dailydump.DailyDumpInput;
import dev.lifeboat.workflows.runbook.dailydump.DailyDumpWorkflow;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreWorkflow;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PlanOf;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflow;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationInput;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationWorkflow;
import dev.lifeboat.workflows.runbook.schedule.ScheduledRunInput;
import dev.lifeboat.workflows.runbook.schedule.ScheduledRunWorkflow;
import dev.lifeboat.workflows.runbook.schedule.ScheduledStart;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Runs each workflow type along the paths that matter, and writes down what Temporal stored of it. */
final class HistoryRecorder {

    private final Path folder;
    private final String label;

    HistoryRecorder(Path folder, String label) {
        this.folder = folder;
        this.label = label;
    }

    void record() throws IOException {
        recoveryWithApproval();
        recoveryWithRetryAndSkip();
        abortedRecovery();
        recoveryFromAnOlderBackup();
        drill();
        baseBackup();
        dailyDump();
        dailyDumpOfWhichOneFails();
        verification();
        inquiry();
        scheduledRuns();
        dumpRestore();
    }

    /** In place with a retry, and an abort whose undo swaps back. */
    private void dumpRestore() throws IOException {
        FakeWorld world = green();
        world.check("checkDatabase", Check.of("tables", "2", "2", true));
        world.failOnce("loadDump", FailureCode.RESTORE_FAILED);
        try (RunbookTestBed bed = new RunbookTestBed(world)) {
            DumpRestoreWorkflow run = bed.runbook(DumpRestoreWorkflow.class, "dump-restore/main.shop");
            WorkflowClient.start(run::restore, DumpFacts.input(true, false));
            RunbookTestBed.question(run);
            run.retry(new Decision("bob", "the extension is there now"));
            await().atMost(Duration.ofSeconds(30)).until(() -> world.calls().contains("smokeTestCopy"));
            RunbookTestBed.question(run);
            run.approve(new GateAnswer("stop-writers", "bob", "agreed"));
            write(bed, run, "DumpRestore-approved");
        }
        FakeWorld held = green();
        held.check("checkDatabase", Check.of("tables", "2", "2", true));
        held.fail("swapIn", FailureCode.SESSIONS_REMAIN);
        try (RunbookTestBed bed = new RunbookTestBed(held)) {
            DumpRestoreWorkflow run = bed.runbook(DumpRestoreWorkflow.class, "dump-restore/main.shop");
            WorkflowClient.start(run::restore, DumpFacts.input(true, true));
            RunbookTestBed.question(run);
            run.abort(new Decision("bob", "later"));
            write(bed, run, "DumpRestore-aborted");
        }
    }

    private void recoveryWithApproval() throws IOException {
        try (RunbookTestBed bed = new RunbookTestBed(green())) {
            PitrRecoveryWorkflow run = start(bed, Placement.IN_PLACE, false);
            RunbookTestBed.question(run);
            run.approve(new GateAnswer("take-lease", "bob", "agreed"));
            write(bed, run, "PitrRecovery-approved");
        }
    }

    private void recoveryWithRetryAndSkip() throws IOException {
        FakeWorld world = green();
        world.failOnce("replayWal", FailureCode.WAL_DAMAGED);
        world.fail("checkIndexes", FailureCode.UNEXPECTED_STATE);
        try (RunbookTestBed bed = new RunbookTestBed(world)) {
            PitrRecoveryWorkflow run = start(bed, Placement.IN_PLACE, true);
            RunbookTestBed.question(run);
            run.retry(new Decision("bob", "again"));
            RunbookTestBed.question(run);
            run.skip(new Decision("bob", "later"));
            write(bed, run, "PitrRecovery-retried-and-skipped");
        }
    }

    private void abortedRecovery() throws IOException {
        FakeWorld world = green();
        world.hang("replayWal");
        try (RunbookTestBed bed = new RunbookTestBed(world)) {
            PitrRecoveryWorkflow run = start(bed, Placement.IN_PLACE, true);
            await().atMost(Duration.ofSeconds(30)).until(() -> world.calls().contains("replayWal"));
            run.abort(new Decision("bob", "wrong hour"));
            write(bed, run, "PitrRecovery-aborted");
        }
    }

    private void recoveryFromAnOlderBackup() throws IOException {
        FakeWorld world = green();
        world.facts(Facts.withALaterBackup());
        world.damage("replayWal", "20260822T060000Z");
        try (RunbookTestBed bed = new RunbookTestBed(world)) {
            write(bed, start(bed, Placement.IN_PLACE, true), "PitrRecovery-older-backup");
        }
    }

    private void drill() throws IOException {
        try (RunbookTestBed bed = new RunbookTestBed(green())) {
            write(bed, start(bed, Placement.DRILL, false), "PitrRecovery-drill");
        }
    }

    private void baseBackup() throws IOException {
        try (RunbookTestBed bed = new RunbookTestBed(green())) {
            BaseBackupWorkflow run = bed.runbook(BaseBackupWorkflow.class, "base-backup/main");
            WorkflowClient.start(run::backUp, new BaseBackupInput(request(false), "main"));
            write(bed, run, "BaseBackup");
        }
    }

    private void dailyDump() throws IOException {
        try (RunbookTestBed bed = new RunbookTestBed(green())) {
            write(bed, startDump(bed), "DailyDump");
        }
    }

    private void dailyDumpOfWhichOneFails() throws IOException {
        FakeWorld world = green();
        world.fail("dumpDatabase crm", FailureCode.CLUSTER_NOT_READY);
        try (RunbookTestBed bed = new RunbookTestBed(world)) {
            write(bed, startDump(bed), "DailyDump-one-failed");
        }
    }

    private static DailyDumpWorkflow startDump(RunbookTestBed bed) {
        DailyDumpWorkflow run = bed.runbook(DailyDumpWorkflow.class, "daily-dump/main");
        WorkflowClient.start(run::dump, new DailyDumpInput(request(false), "main", null));
        return run;
    }

    private void verification() throws IOException {
        FakeWorld world = green();
        world.check("loadDump", Check.of("archive is whole", "20971520 bytes", "20971520 bytes", true));
        world.check("checkDatabase", Check.of("tables", "3", "3", true));
        world.check("proveChecks", Check.of("'tables' when table a was dropped", "red", "red: 2", true));
        try (RunbookTestBed bed = new RunbookTestBed(world)) {
            RestoreVerificationWorkflow run =
                    bed.runbook(RestoreVerificationWorkflow.class, "restore-verification/main");
            WorkflowClient.start(
                    run::verify,
                    new RestoreVerificationInput(
                            request(false),
                            "main",
                            null,
                            null,
                            true,
                            true,
                            false,
                            request(false).objectives()));
            write(bed, run, "RestoreVerification");
        }
    }

    private void inquiry() throws IOException {
        try (RunbookTestBed bed = new RunbookTestBed(green())) {
            InquiryWorkflow run = bed.runbook(InquiryWorkflow.class, "inquiry/1");
            WorkflowClient.start(run::ask, new PlanOf(input(Placement.IN_PLACE, false)));
            WorkflowStub.fromTyped(run).getResult(InquiryWorkflow.Answer.class);
            Files.writeString(folder.resolve("Inquiry-plan-" + label + ".json"), history(bed, run));
        }
    }

    /** One that starts its run, and one that finds it open. */
    private void scheduledRuns() throws IOException {
        FakeWorld world = green();
        world.hang("takeBaseBackup");
        try (RunbookTestBed bed = new RunbookTestBed(world)) {
            for (String path : List.of("started", "skipped")) {
                ScheduledRunWorkflow run = bed.runbook(ScheduledRunWorkflow.class, "scheduled/" + path);
                WorkflowClient.start(run::start, scheduled());
                WorkflowStub.fromTyped(run).getResult(ScheduledStart.class);
                Files.writeString(folder.resolve("ScheduledRun-" + path + "-" + label + ".json"), history(bed, run));
            }
        }
    }

    static ScheduledRunInput scheduled() {
        return new ScheduledRunInput(
                "base-backup",
                BaseBackupWorkflow.TYPE,
                "base-backup/main",
                "backup of main by its schedule",
                PayloadMapper.json().valueToTree(new BaseBackupInput(request(true), "main")));
    }

    private void write(RunbookTestBed bed, Object run, String path) throws IOException {
        WorkflowStub.fromTyped(run).getResult(RunReport.class);
        Files.writeString(folder.resolve(path + "-" + label + ".json"), history(bed, run));
    }

    private static String history(RunbookTestBed bed, Object run) {
        return bed.environment()
                .getWorkflowClient()
                .fetchHistory(WorkflowStub.fromTyped(run).getExecution().getWorkflowId())
                .toJson(true);
    }

    private static PitrRecoveryWorkflow start(RunbookTestBed bed, Placement placement, boolean yes) {
        PitrRecoveryWorkflow run = bed.runbook(PitrRecoveryWorkflow.class, "pitr-recovery/main");
        WorkflowClient.start(run::recover, input(placement, yes));
        return run;
    }

    private static PitrRecoveryInput input(Placement placement, boolean yes) {
        return new PitrRecoveryInput(
                request(yes), "main", new RecoveryTarget.AtTime(Facts.TARGET), false, null, null, placement, null, 0);
    }

    private static RunRequest request(boolean yes) {
        return new RunRequest(
                "ana@ops-1",
                "recorded",
                yes,
                false,
                new Objectives(Duration.ofHours(1), Duration.ofHours(1)),
                Map.of("cluster", "main"));
    }

    private static FakeWorld green() {
        FakeWorld world = new FakeWorld();
        world.check("smokeTestCopy", Check.of("orders", "at least 1", "1234", true));
        world.check("smokeTestLive", Check.of("orders", "at least 1", "1234", true));
        return world;
    }
}
