package dev.lifeboat.workflows.runbook.pitrrecovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Answer;
import dev.lifeboat.workflows.contract.evidence.RunReport.Failure;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.ClockStep;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.Facts;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.FakeWorld;
import dev.lifeboat.workflows.runbook.RunMessages.Decision;
import dev.lifeboat.workflows.runbook.RunMessages.GateAnswer;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.RunStatus;
import dev.lifeboat.workflows.runbook.RunStatus.WaitingFor;
import dev.lifeboat.workflows.runbook.RunbookTestBed;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.client.UpdateOptions;
import io.temporal.client.WithStartWorkflowOperation;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateStage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PitrRecoveryWorkflowTest {

    private final FakeWorld world = new FakeWorld();
    private final RunbookTestBed bed = new RunbookTestBed(world);

    @BeforeEach
    void greenSmokeTests() {
        world.check("smokeTestCopy", Check.of("orders", "at least 1", "1234", true));
        world.check("smokeTestLive", Check.of("orders", "at least 1", "1234", true));
    }

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void aRecoveryInPlaceTakesItsStepsInTheOrderOfTheRunbook() {
        RunReport report = recovery().recover(inPlace(true));

        assertThat(world.calls())
                .containsExactly(
                        "takeLease",
                        "stopWriters",
                        "quiesce",
                        "stopServer",
                        "saveWal",
                        "restoreBaseBackup",
                        "configureRecovery",
                        "replayWal",
                        "proveRecoveryPoint",
                        "smokeTestCopy",
                        "makeDurable",
                        "swapIn",
                        "reopen",
                        "smokeTestLive",
                        "startWriters",
                        "takeBaseBackup",
                        "awaitWal",
                        "checkIndexes",
                        "removeCopy",
                        "releaseLease");
        assertThat(report.exitCode()).isZero();
        assertThat(world.reports()).containsExactly(report);
    }

    @Test
    void theReportSaysWhatWasAchieved() {
        RunReport report = recovery().recover(inPlace(true));

        assertThat(report.verdicts())
                .isEqualTo(new Verdicts(Verdict.PASS, Verdict.PASS, Verdict.PASS, Verdict.PASS, Verdict.PASS));
        assertThat(report.achieved().recoveryTime()).isPositive();
        assertThat(report.achieved().dataLoss()).isZero();
        assertThat(report.achieved().givenUp()).isEqualTo(Duration.parse("PT16M7.129S"));
        assertThat(report.recoveryPoint()).extracting(RecoveryPoint::timeline).isEqualTo(2);
        assertThat(report.steps()).extracting(StepRecord::state).containsOnly(StepState.DONE);
        assertThat(report.leftBehind()).extracting(LeftBehind::what).containsExactly("old data directory");
        assertThat(report.answers()).extracting(Answer::decision).containsExactly("approve");
        assertThat(report.resumes()).isZero();
    }

    @Test
    void aServerWhoseClockWentBackIsSaidInTheQuestionAndInTheReportAndNoSpanIsMeasuredByIt() {
        ClockStep back = new ClockStep(
                1,
                Lsn.parse("0/6000000"),
                Instant.parse("2026-08-22T12:10:00Z"),
                Instant.parse("2026-08-22T09:20:00Z"));
        world.facts(Facts.ofOneBackupAndSomeWal().withClock(List.of(), List.of(back)));
        PitrRecoveryWorkflow run = start(inPlace(false));

        WaitingFor question = RunbookTestBed.question(run);
        run.approve(new GateAnswer("take-lease", "bob@desk", "that part is behind the target"));
        RunReport report = result(run);

        assertThat(question.question()).contains("clock     the clock of the server went back by 2h50m");
        assertThat(report.findings()).extracting(Finding::what).anyMatch(what -> what.contains("went back by 2h50m"));
        assertThat(report.achieved().givenUp()).isNull();
        assertThat(report.achieved().dataLoss()).isZero();
    }

    @Test
    void aRecoveryTimeByAClockThatWasSetBackIsNotMeasured() {
        world.facts(Facts.ofOneBackupAndSomeWal()
                .withOutcome(StepOutcome.of("", "0@planner")
                        .withTimes(Duration.ofHours(2).toMillis(), 0)));

        RunReport report = recovery().recover(inPlace(true));

        assertThat(report.verdicts().rto()).isEqualTo(Verdict.NOT_MEASURED);
        assertThat(report.achieved().recoveryTime()).isNull();
        assertThat(report.findings())
                .extracting(Finding::what)
                .anyMatch(what -> what.contains("Temporal was set back in step plan-recovery"));
    }

    @Test
    void aWorkerThatWasLostAfterItHadPlannedIsAResumeToo() {
        world.facts(Facts.ofOneBackupAndSomeWal().withOutcome(StepOutcome.of("", "0@planner")));

        RunReport report = recovery().recover(inPlace(true));

        assertThat(report.workers()).containsExactly("0@planner", FakeWorld.WORKER);
        assertThat(report.resumes()).isEqualTo(1);
    }

    @Test
    void nothingIsTouchedBeforeAPersonApproved() {
        PitrRecoveryWorkflow run = start(inPlace(false));

        WaitingFor question = RunbookTestBed.question(run);
        List<String> callsBefore = world.calls();
        run.approve(new GateAnswer("take-lease", "bob@desk", "agreed on the phone"));
        RunReport report = result(run);

        assertThat(question.kind()).isEqualTo("approval");
        assertThat(question.question()).contains("20260822T013000Z", "backend", "16m7s");
        assertThat(callsBefore).isEmpty();
        assertThat(report.exitCode()).isZero();
        assertThat(report.answers()).singleElement().satisfies(answer -> {
            assertThat(answer.who()).isEqualTo("bob@desk");
            assertThat(answer.planDigest()).isEqualTo(question.planDigest());
        });
    }

    @Test
    void aPlanThatBecameAnotherWhileAPersonThoughtIsAskedAboutAgain() {
        PitrRecoveryWorkflow run = start(inPlace(false));
        WaitingFor first = RunbookTestBed.question(run);

        world.facts(Facts.withALaterBackup());
        run.approve(new GateAnswer("take-lease", "bob", "yes"));
        WaitingFor second = RunbookTestBed.question(run);
        run.approve(new GateAnswer("take-lease", "bob", "still yes"));
        RunReport report = result(run);

        assertThat(second.planDigest()).isNotEqualTo(first.planDigest());
        assertThat(report.answers()).hasSize(2);
        assertThat(report.source()).extracting(Source::baseBackup).isEqualTo("20260822T060000Z");
    }

    @Test
    void aRejectedRecoveryChangesNothingAndReports() {
        PitrRecoveryWorkflow run = start(inPlace(false));
        RunbookTestBed.question(run);

        run.reject(new GateAnswer("take-lease", "bob", "wrong hour"));
        RunReport report = result(run);

        assertThat(report.exitCode()).isEqualTo(5);
        assertThat(report.failure()).extracting(Failure::code).isEqualTo("DECLINED");
        assertThat(world.calls()).isEmpty();
        assertThat(world.reports()).hasSize(1);
    }

    @Test
    void anAnswerToAGateThatIsNotWaitingIsRefused() {
        PitrRecoveryWorkflow run = start(inPlace(false));
        RunbookTestBed.question(run);

        assertThatThrownBy(() -> run.approve(new GateAnswer("swap-in", "bob", "")))
                .satisfies(refused -> {
                    assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.NOT_WAITING);
                    assertThat(FailureTranslator.read(refused).message()).contains("swap-in", "take-lease");
                });
        assertThatThrownBy(() -> run.retry(new Decision("bob", "")))
                .satisfies(refused ->
                        assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.NOT_WAITING));
        abortAndForget(run);
    }

    @Test
    void aFailedStepIsDoneOnceMoreWhenAPersonSaysRetry() {
        world.failOnce("restoreBaseBackup", FailureCode.BACKUP_DAMAGED);
        PitrRecoveryWorkflow run = start(inPlace(true));

        WaitingFor question = RunbookTestBed.question(run);
        run.retry(new Decision("bob", "put the chunk back"));
        RunReport report = result(run);

        assertThat(question.kind()).isEqualTo("decision");
        assertThat(question.answers()).containsExactly("retry", "abort");
        assertThat(question.question()).contains("BACKUP_DAMAGED", "fake restoreBaseBackup failed");
        assertThat(report.exitCode()).isZero();
        assertThat(report.failure()).isNull();
        assertThat(step(report, "restore-base-backup").attempts()).isEqualTo(2);
        assertThat(report.achieved().humanWait()).isPositive();
    }

    @Test
    void aStepThatTheRecoveryNeedsCannotBeSkipped() {
        world.fail("replayWal", FailureCode.WAL_DAMAGED);
        PitrRecoveryWorkflow run = start(inPlace(true));
        RunbookTestBed.question(run);

        assertThatThrownBy(() -> run.skip(new Decision("bob", "never mind")))
                .satisfies(refused ->
                        assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.SKIP_NOT_ALLOWED));
        abortAndForget(run);
    }

    @Test
    void aSkippedStepIsAFindingAndWhatItLeavesIsNamed() {
        world.fail("startWriters", FailureCode.UNEXPECTED_STATE);
        PitrRecoveryWorkflow run = start(inPlace(true));

        RunbookTestBed.question(run);
        run.skip(new Decision("bob", "will start it myself"));
        RunReport report = result(run);

        assertThat(step(report, "start-writers").state()).isEqualTo(StepState.SKIPPED);
        assertThat(report.findings()).singleElement().satisfies(finding -> assertThat(finding.what())
                .contains("start-writers", "bob"));
        assertThat(report.leftBehind()).extracting(LeftBehind::what).contains("stopped writers");
        assertThat(report.exitCode()).isEqualTo(9);
    }

    @Test
    void anAbortInTheMiddleOfAStepUndoesInReverseOrderAndReports() {
        world.hang("replayWal");
        PitrRecoveryWorkflow run = start(inPlace(true));
        await().atMost(Duration.ofSeconds(30)).until(() -> world.calls().contains("replayWal"));

        run.abort(new Decision("bob", "the backup is of the wrong week"));
        RunReport report = result(run);

        assertThat(afterCall("replayWal"))
                .containsExactly(
                        "removeCopy", "removeCopy", "startServer", "liftQuiesce", "startWriters", "releaseLease");
        assertThat(report.exitCode()).isEqualTo(5);
        assertThat(report.failure()).extracting(Failure::code).isEqualTo("ABORTED");
        assertThat(step(report, "stop-server").state()).isEqualTo(StepState.UNDONE);
        assertThat(step(report, "swap-in").state()).isEqualTo(StepState.NOT_RUN);
        assertThat(report.answers()).extracting(Answer::decision).containsExactly("approve", "abort");
        assertThat(world.reports()).containsExactly(report);
    }

    /** As a worker finds it that was away when the run was started and aborted. */
    @Test
    void anAbortThatComesWithTheFirstTaskOfTheRunEndsItBeforeItTouchesAnything() {
        PitrRecoveryWorkflow run = bed.environment()
                .getWorkflowClient()
                .newWorkflowStub(
                        PitrRecoveryWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.RUNBOOKS)
                                .setWorkflowId("pitr-recovery/main")
                                .setWorkflowIdConflictPolicy(WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_FAIL)
                                .setWorkflowExecutionTimeout(Duration.ofSeconds(60))
                                .build());

        WorkflowClient.executeUpdateWithStart(
                run::abort,
                new Decision("bob", "wrong cluster"),
                UpdateOptions.<RunStatus>newBuilder()
                        .setWaitForStage(WorkflowUpdateStage.COMPLETED)
                        .build(),
                new WithStartWorkflowOperation<>(run::recover, inPlace(true)));
        RunReport report = result(run);

        assertThat(world.calls()).isEmpty();
        assertThat(report.exitCode()).isEqualTo(5);
        assertThat(report.answers()).extracting(Answer::decision).containsExactly("abort");
    }

    @Test
    void anAbortAfterAFailedStepUndoes() {
        world.fail("stopServer", FailureCode.SERVER_STILL_RUNNING);
        PitrRecoveryWorkflow run = start(inPlace(true));
        RunbookTestBed.question(run);

        run.abort(new Decision("bob", "not tonight"));
        RunReport report = result(run);

        assertThat(afterCall("stopServer"))
                .containsExactly("startServer", "liftQuiesce", "startWriters", "releaseLease");
        assertThat(report.exitCode()).isEqualTo(5);
    }

    @Test
    void anUndoThatFailsIsNamedAndTheOthersStillRun() {
        world.fail("stopServer", FailureCode.SERVER_STILL_RUNNING);
        world.fail("liftQuiesce", FailureCode.UNEXPECTED_STATE);
        PitrRecoveryWorkflow run = start(inPlace(true));
        RunbookTestBed.question(run);

        run.abort(new Decision("bob", "not tonight"));
        RunReport report = result(run);

        assertThat(afterCall("liftQuiesce")).containsExactly("startWriters", "releaseLease");
        assertThat(report.leftBehind()).extracting(LeftBehind::what).containsExactly("closed access rules");
        assertThat(report.findings()).singleElement().satisfies(finding -> assertThat(finding.what())
                .contains("UNDO_FAILED", "closed access rules"));
        assertThat(report.verdicts().clean()).isEqualTo(Verdict.FAIL);
        assertThat(report.exitCode()).isEqualTo(1);
    }

    @Test
    void afterReopeningAnAbortIsRefused() {
        world.fail("takeBaseBackup", FailureCode.UNEXPECTED_STATE);
        PitrRecoveryWorkflow run = start(inPlace(true));
        WaitingFor question = RunbookTestBed.question(run);

        assertThatThrownBy(() -> run.abort(new Decision("bob", "back, please")))
                .satisfies(refused ->
                        assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.PAST_NO_RETURN));
        run.skip(new Decision("bob", "later"));

        assertThat(question.answers()).containsExactly("retry", "skip");
        assertThat(result(run).exitCode()).isZero();
    }

    @Test
    void aRedSmokeTestStopsARecoveryBeforeTheSwap() {
        world.check("smokeTestCopy", Check.of("orders", "at least 1", "0", false));
        PitrRecoveryWorkflow run = start(inPlace(true));

        WaitingFor question = RunbookTestBed.question(run);
        List<String> callsBefore = world.calls();
        run.skip(new Decision("bob", "the test is wrong, the data is right"));
        RunReport report = result(run);

        assertThat(question.question()).contains("SMOKE_TEST_FAILED", "orders", "at least 1");
        assertThat(callsBefore).doesNotContain("makeDurable", "swapIn");
        assertThat(report.verdicts().verified()).isEqualTo(Verdict.FAIL);
        assertThat(report.exitCode()).isEqualTo(3);
    }

    @Test
    void aDrillNeverTouchesTheLiveCluster() {
        RunReport report = recovery().recover(input(false, Placement.DRILL));

        assertThat(world.calls())
                .containsExactly(
                        "takeLease",
                        "saveWal",
                        "restoreBaseBackup",
                        "configureRecovery",
                        "replayWal",
                        "proveRecoveryPoint",
                        "smokeTestCopy",
                        "makeDurable",
                        "removeCopy",
                        "releaseLease");
        assertThat(report.exitCode()).isZero();
        assertThat(report.achieved().recoveryTime()).isPositive();
        assertThat(step(report, "swap-in").state()).isEqualTo(StepState.SKIPPED);
    }

    @Test
    void aRedSmokeTestOfADrillIsJudgedWithoutAskingAnybody() {
        world.check("smokeTestCopy", Check.of("orders", "at least 1", "0", false));

        RunReport report = recovery().recover(input(false, Placement.DRILL));

        assertThat(report.exitCode()).isEqualTo(3);
        assertThat(report.achieved().recoveryTime()).isNull();
        assertThat(report.verdicts().rto()).isEqualTo(Verdict.NOT_MEASURED);
        assertThat(world.calls()).contains("removeCopy");
    }

    @Test
    void aRecoveryBesideTheLiveClusterLeavesTheCopyRunning() {
        RunReport report = recovery().recover(input(false, Placement.INTO));

        assertThat(world.calls())
                .containsSubsequence("reopen", "smokeTestLive", "removeWorkspace", "releaseLease")
                .doesNotContain("stopServer", "swapIn", "removeCopy", "takeBaseBackup");
        assertThat(report.exitCode()).isZero();
        assertThat(report.evidence()).isEqualTo("s3://fake/evidence/");
        assertThat(report.steps())
                .filteredOn(step -> step.id().equals("replay-wal"))
                .singleElement()
                .satisfies(step -> assertThat(step.logs()).containsExactly("steps/09-replay-wal-1.log"));
    }

    @Test
    void aRefusedPlanLeavesNoTrace() {
        world.facts(Facts.withoutBackups());

        assertThatThrownBy(() -> recovery().recover(inPlace(true)))
                .satisfies(refused ->
                        assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.NO_BASE_BACKUP));
        assertThat(world.calls()).containsExactly("forgetRefusedRun");
        assertThat(world.reports()).isEmpty();
    }

    @Test
    void aLeaseThatAnotherRunHoldsRefusesTheRun() {
        world.fail("takeLease", FailureCode.LEASE_HELD);

        assertThatThrownBy(() -> recovery().recover(inPlace(true)))
                .satisfies(refused ->
                        assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.LEASE_HELD));
        assertThat(world.calls()).containsExactly("takeLease", "forgetRefusedRun");
    }

    @Test
    void aRunThatLostItsLeaseTouchesNothingMoreAndNamesWhatItLeft() {
        world.fail("restoreBaseBackup", FailureCode.FENCED_OUT);

        RunReport report = recovery().recover(inPlace(true));

        assertThat(afterCall("restoreBaseBackup")).isEmpty();
        assertThat(report.exitCode()).isEqualTo(1);
        assertThat(report.failure()).extracting(Failure::code).isEqualTo("FENCED_OUT");
        assertThat(report.leftBehind())
                .extracting(LeftBehind::what)
                .contains("stopped server", "stopped writers", "copy");
    }

    @Test
    void aReportThatCannotBeWrittenWaitsForAPersonToo() {
        world.failOnce("writeReport", FailureCode.UNEXPECTED_STATE);
        PitrRecoveryWorkflow run = start(inPlace(true));

        WaitingFor question = RunbookTestBed.question(run);
        run.retry(new Decision("bob", "the bucket is back"));
        RunReport report = result(run);

        assertThat(question.step()).isEqualTo("write-report");
        assertThat(report.exitCode()).isZero();
        assertThat(world.reports()).containsExactly(report);
    }

    /** Who aborted a run has seen enough of it; its evidence must not stay in Temporal, which forgets. */
    @Test
    void theReportOfAFailedRunFollowsWhenTheBucketIsBack() {
        world.fail("replayWal", FailureCode.RECOVERY_POINT_WRONG);
        world.failOnce("writeReport", FailureCode.CREDENTIALS_EXPIRED);
        PitrRecoveryWorkflow run = start(inPlace(true));
        RunbookTestBed.question(run);

        run.abort(new Decision("bob", "enough"));
        RunReport report = result(run);

        assertThat(report.exitCode()).isEqualTo(5);
        assertThat(report.findings())
                .anySatisfy(finding -> assertThat(finding.hint()).contains("late-report/" + report.runId()));
        await().atMost(Duration.ofSeconds(30)).until(() -> !world.reports().isEmpty());
        assertThat(world.reports()).singleElement().satisfies(written -> assertThat(written.findings())
                .isEqualTo(report.findings()));
    }

    @Test
    void temporalsOwnCancelUndoesAsWell() {
        world.hang("replayWal");
        PitrRecoveryWorkflow run = start(inPlace(true));
        await().atMost(Duration.ofSeconds(30)).until(() -> world.calls().contains("replayWal"));

        WorkflowStub.fromTyped(run).cancel();
        assertThatThrownBy(() -> result(run)).isInstanceOf(WorkflowFailedException.class);

        assertThat(afterCall("replayWal"))
                .containsExactly(
                        "removeCopy", "removeCopy", "startServer", "liftQuiesce", "startWriters", "releaseLease");
        assertThat(world.reports()).singleElement().satisfies(report -> assertThat(report.exitCode())
                .isEqualTo(5));
    }

    private PitrRecoveryWorkflow start(PitrRecoveryInput input) {
        PitrRecoveryWorkflow run = recovery();
        WorkflowClient.start(run::recover, input);
        return run;
    }

    private static RunReport result(PitrRecoveryWorkflow run) {
        return WorkflowStub.fromTyped(run).getResult(RunReport.class);
    }

    private static void abortAndForget(PitrRecoveryWorkflow run) {
        run.abort(new Decision("test", "over"));
        result(run);
    }

    private List<String> afterCall(String activity) {
        List<String> calls = world.calls();
        return calls.subList(calls.lastIndexOf(activity) + 1, calls.size());
    }

    private static StepRecord step(RunReport report, String id) {
        return report.steps().stream()
                .filter(step -> step.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private PitrRecoveryWorkflow recovery() {
        return bed.runbook(PitrRecoveryWorkflow.class, "pitr-recovery/main");
    }

    private static PitrRecoveryInput inPlace(boolean yes) {
        return input(yes, Placement.IN_PLACE);
    }

    private static PitrRecoveryInput input(boolean yes, Placement placement) {
        RunRequest request = new RunRequest(
                "ana@ops-1",
                "bad deploy 4711",
                yes,
                false,
                new Objectives(Duration.ofHours(1), Duration.ofHours(1)),
                Map.of("cluster", "main", "target", Facts.TARGET.toString()));
        return new PitrRecoveryInput(
                request,
                "main",
                new RecoveryTarget.AtTime(Facts.TARGET),
                false,
                null,
                null,
                placement,
                placement == Placement.INTO ? "/srv/copy" : null,
                placement == Placement.INTO ? 5499 : 0);
    }
}
