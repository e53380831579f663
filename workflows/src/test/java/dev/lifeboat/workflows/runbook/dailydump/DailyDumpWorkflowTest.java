package dev.lifeboat.workflows.runbook.dailydump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Failure;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.FakeWorld;
import dev.lifeboat.workflows.runbook.RunMessages.Decision;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.RunbookTestBed;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A run that asks a person, which this one never does, would be waited for without an end. */
@Timeout(60)
class DailyDumpWorkflowTest {

    private final FakeWorld world = new FakeWorld();
    private final RunbookTestBed bed = new RunbookTestBed(world);

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void everyDatabaseIsDumpedAndReadBack() {
        world.check("verifyDump shop", Check.of("shop: size", "at least 1 KiB", "2 KiB", true));

        RunReport report = run().dump(input(null));

        assertThat(world.calls())
                .containsExactly(
                        "findDatabases",
                        "takeLease",
                        "dumpDatabase shop",
                        "dumpDatabase crm",
                        "verifyDump shop",
                        "verifyDump crm",
                        "expireBackups",
                        "releaseLease");
        assertThat(report.mode()).isEqualTo(RunMode.BACKUP);
        assertThat(report.exitCode()).isZero();
        assertThat(step(report, "dump-databases").detail()).isEqualTo("dumpDatabase shop done; dumpDatabase crm done");
    }

    @Test
    void oneDatabaseAloneIsDumpedWhereItIsNamed() {
        world.check("verifyDump crm", Check.of("crm: size", "at least 1 KiB", "2 KiB", true));

        assertThat(run().dump(input("crm")).exitCode()).isZero();

        assertThat(world.calls()).contains("dumpDatabase crm").doesNotContain("dumpDatabase shop");
    }

    @Test
    void oneThatCannotBeDumpedNeitherPreventsNorHidesTheOthersAndNobodyIsWaitedFor() {
        world.fail("dumpDatabase shop", FailureCode.CLUSTER_NOT_READY);
        world.check("verifyDump crm", Check.of("crm: size", "at least 1 KiB", "2 KiB", true));

        RunReport report = run().dump(input(null));

        assertThat(world.calls()).containsSubsequence("dumpDatabase crm", "verifyDump crm", "releaseLease");
        assertThat(world.calls()).doesNotContain("verifyDump shop", "expireBackups");
        assertThat(step(report, "expire-backups").state()).isEqualTo(StepState.SKIPPED);
        assertThat(report.exitCode()).isEqualTo(1);
        assertThat(report.verdicts().executed()).isEqualTo(Verdict.FAIL);
        assertThat(report.verdicts().verified()).isEqualTo(Verdict.FAIL);
        assertThat(step(report, "dump-databases").state()).isEqualTo(StepState.FAILED);
        assertThat(step(report, "verify-dumps").state()).isEqualTo(StepState.DONE);
        assertThat(report.failure())
                .extracting(Failure::code, Failure::step)
                .containsExactly("CLUSTER_NOT_READY", "dump-databases");
        assertThat(report.findings())
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains("database shop was not dumped");
        assertThat(report.leftBehind()).extracting(LeftBehind::what).doesNotContain("lease");
    }

    @Test
    void whenNoneCanBeDumpedThereIsNothingToReadBack() {
        world.fail("dumpDatabase shop", FailureCode.CLUSTER_NOT_READY);
        world.fail("dumpDatabase crm", FailureCode.TOOK_TOO_LONG);

        RunReport report = run().dump(input(null));

        assertThat(report.exitCode()).isEqualTo(1);
        assertThat(step(report, "verify-dumps").state()).isEqualTo(StepState.SKIPPED);
        assertThat(report.failure())
                .extracting(Failure::message)
                .asString()
                .startsWith("2 of 2 databases have no good dump")
                .contains("dumpDatabase shop", "dumpDatabase crm");
    }

    @Test
    void aDumpThatIsFoundDamagedMakesTheRunRed() {
        world.fail("verifyDump shop", FailureCode.BACKUP_DAMAGED);

        RunReport report = run().dump(input(null));

        assertThat(world.calls()).contains("verifyDump crm");
        assertThat(report.exitCode()).isEqualTo(1);
        assertThat(step(report, "verify-dumps").state()).isEqualTo(StepState.FAILED);
        assertThat(report.checks())
                .filteredOn(check -> check.verdict() == Verdict.FAIL)
                .extracting(Check::name)
                .containsExactly("shop: read back");
    }

    @Test
    void aDumpThatHasShrunkIsVerifiedAsFailed() {
        world.check("verifyDump shop", Check.of("shop: size", "at least 1 GiB", "2 KiB", false));

        RunReport report = run().dump(input(null));

        assertThat(report.verdicts().executed()).isEqualTo(Verdict.PASS);
        assertThat(report.exitCode()).isEqualTo(3);
        assertThat(world.calls()).doesNotContain("expireBackups");
    }

    @Test
    void aClusterThatIsNotReadyIsRefusedWithoutATrace() {
        world.fail("findDatabases", FailureCode.CLUSTER_NOT_READY);

        assertThatThrownBy(() -> run().dump(input(null)))
                .satisfies(refused ->
                        assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.CLUSTER_NOT_READY));
        assertThat(world.reports()).isEmpty();
    }

    @Test
    void anAbortInTheMiddleOfADumpGivesTheLeaseBack() {
        world.hang("dumpDatabase shop");
        DailyDumpWorkflow run = run();
        WorkflowClient.start(run::dump, input(null));
        await().atMost(Duration.ofSeconds(30)).until(() -> world.calls().contains("dumpDatabase shop"));

        run.abort(new Decision("bob", "wrong hour"));
        RunReport report = WorkflowStub.fromTyped(run).getResult(RunReport.class);

        assertThat(report.exitCode()).isEqualTo(5);
        assertThat(world.calls()).endsWith("dumpDatabase shop", "releaseLease");
    }

    @Test
    void aRunThatWasTakenOverDoesNotGoOnWithTheNextDatabase() {
        world.fail("dumpDatabase shop", FailureCode.FENCED_OUT);

        RunReport report = run().dump(input(null));

        assertThat(world.calls()).doesNotContain("dumpDatabase crm");
        assertThat(report.failure()).extracting(Failure::code).isEqualTo("FENCED_OUT");
        assertThat(report.exitCode()).isEqualTo(1);
    }

    private static StepRecord step(RunReport report, String id) {
        return report.steps().stream()
                .filter(step -> step.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private DailyDumpWorkflow run() {
        return bed.runbook(DailyDumpWorkflow.class, "daily-dump/main");
    }

    private static DailyDumpInput input(@Nullable String database) {
        RunRequest request = new RunRequest(
                "ana@ops-1",
                "nightly",
                true,
                false,
                new Objectives(Duration.ofHours(1), Duration.ofHours(1)),
                Map.of("cluster", "main"));
        return new DailyDumpInput(request, "main", database);
    }
}
