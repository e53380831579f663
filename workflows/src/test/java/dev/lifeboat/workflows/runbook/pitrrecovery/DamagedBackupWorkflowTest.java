package dev.lifeboat.workflows.runbook.pitrrecovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.Facts;
import dev.lifeboat.workflows.runbook.FakeWorld;
import dev.lifeboat.workflows.runbook.RunMessages.Decision;
import dev.lifeboat.workflows.runbook.RunMessages.GateAnswer;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.RunStatus.WaitingFor;
import dev.lifeboat.workflows.runbook.RunbookTestBed;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A base backup that turns out damaged is put aside, and the run goes on by itself from the next older one. */
class DamagedBackupWorkflowTest {

    private static final String OLD = "20260822T013000Z";
    private static final String NEW = "20260822T060000Z";

    private final FakeWorld world = new FakeWorld();
    private final RunbookTestBed bed = new RunbookTestBed(world);

    @BeforeEach
    void twoBackups() {
        world.facts(Facts.withALaterBackup());
        world.check("smokeTestCopy", Check.of("orders", "at least 1", "1234", true));
        world.check("smokeTestLive", Check.of("orders", "at least 1", "1234", true));
    }

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void oneThatIsDamagedInTheRestoreGivesWayToTheNextOlderOneWithoutAPerson() {
        world.damage("restoreBaseBackup", NEW);

        RunReport report = run().recover(input(true, null, Placement.IN_PLACE));

        assertThat(world.backups())
                .containsExactly(
                        "restoreBaseBackup from " + NEW,
                        "discardCopy from " + NEW,
                        "restoreBaseBackup from " + OLD,
                        "replayWal from " + OLD);
        assertThat(report.exitCode()).isZero();
        assertThat(report.failure()).isNull();
        assertThat(report.source()).extracting(Source::baseBackup).isEqualTo(OLD);
        assertThat(report.source()).extracting(Source::walFrom).isEqualTo("000000010000000000000002");
        assertThat(report.answers()).as("but --yes").hasSize(1);
        assertThat(report.steps()).extracting(StepRecord::state).containsOnly(StepState.DONE);
        assertThat(step(report, "restore-base-backup").attempts()).isEqualTo(2);
        assertThat(step(report, "take-lease").attempts()).isEqualTo(1);
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo("high");
            assertThat(finding.what())
                    .contains(NEW, "fake chunk", "put aside", "went on from base backup " + OLD, "4 segments")
                    .contains("the plan's digest is now ");
            assertThat(finding.hint()).contains("start base-backup --cluster main");
        });
        assertThat(report.achieved().humanWait()).isZero();
        assertThat(report.achieved().recoveryTime()).isPositive();
    }

    @Test
    void oneThatTheServerRefusesInTheReplayIsRestoredAnewFromTheOlderOne() {
        world.damage("replayWal", NEW);

        RunReport report = run().recover(input(true, null, Placement.DRILL));

        assertThat(world.backups())
                .containsExactly(
                        "restoreBaseBackup from " + NEW,
                        "replayWal from " + NEW,
                        "discardCopy from " + NEW,
                        "restoreBaseBackup from " + OLD,
                        "replayWal from " + OLD);
        assertThat(report.exitCode()).isZero();
        assertThat(step(report, "restore-base-backup").attempts()).isEqualTo(2);
        assertThat(step(report, "configure-recovery").attempts()).isEqualTo(2);
        assertThat(step(report, "replay-wal").attempts()).isEqualTo(2);
        assertThat(report.findings()).extracting(Finding::what).noneMatch(what -> what.contains("digest"));
    }

    @Test
    void anApprovalHoldsForTheOlderOneToo() {
        world.damage("restoreBaseBackup", NEW);
        PitrRecoveryWorkflow run = start(input(false, null, Placement.IN_PLACE));
        WaitingFor question = RunbookTestBed.question(run);
        run.approve(new GateAnswer("take-lease", "bob", "agreed"));

        RunReport report = result(run);

        assertThat(question.question()).contains(NEW, "should it be damaged", OLD);
        assertThat(report.exitCode()).isZero();
        assertThat(report.answers()).singleElement().satisfies(answer -> assertThat(answer.planDigest())
                .isEqualTo(question.planDigest()));
    }

    @Test
    void whoInsistsOnABackupIsAskedInsteadOfBeingGivenAnother() {
        world.damage("restoreBaseBackup", NEW);
        PitrRecoveryWorkflow run = start(input(true, NEW, Placement.IN_PLACE));

        WaitingFor question = RunbookTestBed.question(run);

        assertThat(question.step()).isEqualTo("restore-base-backup");
        assertThat(question.question()).contains("BACKUP_DAMAGED", NEW).doesNotContain(OLD);
        assertThat(question.answers()).containsExactly("retry", "abort");
        assertThat(world.backups()).containsExactly("restoreBaseBackup from " + NEW);
        abort(run);
    }

    @Test
    void whenNoneIsLeftAPersonIsToldOfEachAndRetryBeginsWithTheNewestAgain() {
        world.damage("restoreBaseBackup", NEW);
        world.damage("replayWal", OLD);
        PitrRecoveryWorkflow run = start(input(true, null, Placement.IN_PLACE));
        WaitingFor question = RunbookTestBed.question(run);

        world.mend(NEW);
        run.retry(new Decision("bob", "the chunk is back"));
        RunReport report = result(run);

        assertThat(question.step()).isEqualTo("replay-wal");
        assertThat(question.question())
                .contains(
                        "BACKUP_DAMAGED",
                        "no base backup is left",
                        "base backup " + NEW + " is damaged: fake chunk",
                        "base backup " + OLD + " is damaged: fake chunk",
                        "there is no older one");
        assertThat(question.hint()).contains("lifeboat retry", NEW, "--backup");
        assertThat(world.backups())
                .endsWith(
                        "replayWal from " + OLD,
                        "discardCopy from " + OLD,
                        "restoreBaseBackup from " + NEW,
                        "replayWal from " + NEW);
        assertThat(report.exitCode()).isZero();
        assertThat(report.source()).extracting(Source::baseBackup).isEqualTo(NEW);
    }

    @Test
    void whatIsRestoredAlreadyOfTheOnlyOneStaysForTheRetry() {
        world.facts(Facts.ofOneBackupAndSomeWal());
        world.damage("restoreBaseBackup", OLD);
        PitrRecoveryWorkflow run = start(input(true, null, Placement.IN_PLACE));
        RunbookTestBed.question(run);

        world.mend(OLD);
        run.retry(new Decision("bob", "the chunk is back"));

        assertThat(result(run).exitCode()).isZero();
        assertThat(world.calls()).doesNotContain("discardCopy");
    }

    @Test
    void aCopyThatCannotBeRemovedWaitsForAPersonToo() {
        world.damage("restoreBaseBackup", NEW);
        world.failOnce("discardCopy", FailureCode.SERVER_STILL_RUNNING);
        PitrRecoveryWorkflow run = start(input(true, null, Placement.IN_PLACE));
        WaitingFor question = RunbookTestBed.question(run);

        run.retry(new Decision("bob", "it is gone"));
        RunReport report = result(run);

        assertThat(question.question()).contains("SERVER_STILL_RUNNING", "fake discardCopy failed");
        assertThat(report.exitCode()).isZero();
        assertThat(report.source()).extracting(Source::baseBackup).isEqualTo(OLD);
        assertThat(report.findings()).as("told once").hasSize(1);
    }

    @Test
    void anAbortAfterTheChangeUndoesTheCopyOnce() {
        world.damage("restoreBaseBackup", NEW);
        world.fail("replayWal", FailureCode.WAL_DAMAGED);
        PitrRecoveryWorkflow run = start(input(true, null, Placement.IN_PLACE));
        RunbookTestBed.question(run);

        abort(run);

        List<String> calls = world.calls();
        assertThat(calls.subList(calls.lastIndexOf("replayWal") + 1, calls.size()))
                .containsExactly(
                        "removeCopy", "removeCopy", "startServer", "liftQuiesce", "startWriters", "releaseLease");
    }

    private PitrRecoveryWorkflow run() {
        return bed.runbook(PitrRecoveryWorkflow.class, "pitr-recovery/main");
    }

    private PitrRecoveryWorkflow start(PitrRecoveryInput input) {
        PitrRecoveryWorkflow run = run();
        WorkflowClient.start(run::recover, input);
        return run;
    }

    private static RunReport result(PitrRecoveryWorkflow run) {
        return WorkflowStub.fromTyped(run).getResult(RunReport.class);
    }

    private static void abort(PitrRecoveryWorkflow run) {
        run.abort(new Decision("test", "over"));
        result(run);
    }

    private static StepRecord step(RunReport report, String id) {
        return report.steps().stream()
                .filter(step -> step.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static PitrRecoveryInput input(boolean yes, @Nullable String backup, Placement placement) {
        RunRequest request = new RunRequest(
                "ana@ops-1",
                "bad deploy",
                yes,
                false,
                new Objectives(Duration.ofHours(1), Duration.ofHours(1)),
                Map.of("cluster", "main"));
        return new PitrRecoveryInput(
                request, "main", new RecoveryTarget.AtTime(Facts.TARGET), false, null, backup, placement, null, 0);
    }
}
