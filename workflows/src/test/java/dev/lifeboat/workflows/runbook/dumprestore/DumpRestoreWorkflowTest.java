package dev.lifeboat.workflows.runbook.dumprestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.runbook.DumpFacts;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.FakeWorld;
import dev.lifeboat.workflows.runbook.RunMessages.Decision;
import dev.lifeboat.workflows.runbook.RunMessages.GateAnswer;
import dev.lifeboat.workflows.runbook.RunStatus.WaitingFor;
import dev.lifeboat.workflows.runbook.RunbookTestBed;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DumpRestoreWorkflowTest {

    private static final List<String> RESTORED = List.of(
            "takeLease",
            "checkRoom",
            "createDatabase",
            "loadDump",
            "analyze",
            "checkDatabase",
            "migrate",
            "smokeTestCopy");

    private final FakeWorld world = new FakeWorld();
    private final RunbookTestBed bed = new RunbookTestBed(world);

    @BeforeEach
    void green() {
        world.check("checkDatabase", Check.of("tables", "2", "2", true));
    }

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void besideTheLiveDatabaseNothingOfItIsTouched() {
        RunReport report = run().restore(DumpFacts.input(false, false));

        assertThat(world.calls()).startsWith(RESTORED.toArray(String[]::new)).hasSize(RESTORED.size() + 1);
        assertThat(world.calls()).endsWith("releaseLease");
        assertThat(report.exitCode()).isZero();
        assertThat(report.achieved().recoveryTime()).isNotNull();
        assertThat(report.achieved().dataLoss()).isEqualTo(Duration.between(DumpFacts.SNAPSHOT, DumpFacts.NOW));
        assertThat(report.verdicts().rpo()).isEqualTo(Verdict.PASS);
    }

    @Test
    void inItsPlaceAPersonIsAskedWhenTheRestoredOneWasChecked() {
        DumpRestoreWorkflow run = start(true, false);
        WaitingFor question = RunbookTestBed.question(run);
        List<String> before = world.calls();

        run.approve(new GateAnswer("stop-writers", "bob", "agreed"));
        RunReport report = WorkflowStub.fromTyped(run).getResult(RunReport.class);

        assertThat(before).containsExactlyElementsOf(RESTORED);
        assertThat(question.question())
                .contains("Replace the live database shop of main")
                .contains("1 of 1 checks green")
                .contains("2026-08-22T02:00:01Z");
        assertThat(world.calls().subList(RESTORED.size(), world.calls().size()))
                .containsExactly("stopWriters", "swapIn", "smokeTestLive", "startWriters", "releaseLease");
        assertThat(report.leftBehind()).extracting(LeftBehind::where).containsExactly("shop_before");
    }

    @Test
    void whatIsNotConfiguredIsSkippedAndNobodyIsAsked() {
        world.unconfigured("migrate");
        world.unconfigured("startWriters");

        RunReport report = run().restore(DumpFacts.input(true, true));

        assertThat(report.verdicts().executed()).isEqualTo(Verdict.PASS);
        assertThat(report.steps())
                .filteredOn(step -> step.state() == StepState.SKIPPED)
                .extracting(StepRecord::id)
                .containsExactly("migrate-database", "start-writers");
        assertThat(report.steps().stream().mapToInt(StepRecord::attempts).filter(attempts -> attempts == 0))
                .hasSize(2);
        assertThat(report.findings()).isEmpty();
        assertThat(report.source()).isEqualTo(Source.ofDump(DumpFacts.NEWEST));
    }

    @Test
    void whoDeclinesGetsEverythingPutBack() {
        DumpRestoreWorkflow run = start(true, false);
        RunbookTestBed.question(run);

        run.reject(new GateAnswer("stop-writers", "bob", "wrong dump"));
        RunReport report = WorkflowStub.fromTyped(run).getResult(RunReport.class);

        assertThat(world.calls()).endsWith("smokeTestCopy", "dropDatabase", "releaseLease");
        assertThat(report.exitCode()).isEqualTo(5);
    }

    @Test
    void aSwapThatFailsIsUndoneByAnAbort() {
        world.fail("swapIn", FailureCode.SESSIONS_REMAIN);
        DumpRestoreWorkflow run = start(true, true);
        RunbookTestBed.question(run);

        run.abort(new Decision("bob", "not today"));
        RunReport report = WorkflowStub.fromTyped(run).getResult(RunReport.class);

        assertThat(world.calls())
                .endsWith("stopWriters", "swapIn", "swapBack", "startWriters", "dropDatabase", "releaseLease");
        assertThat(report.exitCode()).isEqualTo(5);
    }

    @Test
    void aRedCheckBeforeTheSwapWaitsForAPersonAndBesideIsJudgedByTheReport() {
        world.check("checkDatabase", Check.of("exact row counts", "12", "11", false));

        RunReport beside = run().restore(DumpFacts.input(false, false));
        DumpRestoreWorkflow inPlace = start(true, true);
        WaitingFor question = RunbookTestBed.question(inPlace);
        inPlace.abort(new Decision("bob", "no"));
        WorkflowStub.fromTyped(inPlace).getResult(RunReport.class);

        assertThat(beside.exitCode()).isEqualTo(3);
        assertThat(beside.achieved().recoveryTime()).isNull();
        assertThat(question.step()).isEqualTo("check-database");
        assertThat(world.calls()).doesNotContain("swapIn", "stopWriters");
    }

    @Test
    void aRefusedPlanLeavesNoTrace() {
        world.restoreFacts(DumpFacts.facts(List.of(), null, DumpFacts.LIVE, DumpFacts.SUPERUSER));

        assertThatThrownBy(() -> run().restore(DumpFacts.input(false, false)))
                .satisfies(refused ->
                        assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.UNKNOWN_BACKUP));
        assertThat(world.calls()).containsExactly("forgetRefusedRun");
        assertThat(world.reports()).isEmpty();
    }

    @Test
    void aTableThatTheDumpDoesNotHaveIsRefusedBeforeAnythingIsMade() {
        assertThatThrownBy(() -> run().restore(DumpFacts.input(DumpFacts.UNKNOWN)))
                .satisfies(refused ->
                        assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.UNKNOWN_TABLE));

        assertThat(world.calls()).containsExactly("forgetRefusedRun");
    }

    @Test
    void anAbortInTheMiddleOfTheLoadDropsWhatWasLoaded() {
        world.hang("loadDump");
        DumpRestoreWorkflow run = start(false, true);
        await().atMost(Duration.ofSeconds(30)).until(() -> world.calls().contains("loadDump"));

        run.abort(new Decision("bob", "wrong database"));
        RunReport report = WorkflowStub.fromTyped(run).getResult(RunReport.class);

        assertThat(world.calls()).endsWith("loadDump", "dropDatabase", "releaseLease");
        assertThat(report.exitCode()).isEqualTo(5);
    }

    private DumpRestoreWorkflow start(boolean clean, boolean yes) {
        DumpRestoreWorkflow run = run();
        WorkflowClient.start(run::restore, DumpFacts.input(clean, yes));
        return run;
    }

    private DumpRestoreWorkflow run() {
        return bed.runbook(DumpRestoreWorkflow.class, "dump-restore/main.shop");
    }
}
