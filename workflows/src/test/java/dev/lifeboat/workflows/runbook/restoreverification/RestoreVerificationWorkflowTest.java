package dev.lifeboat.workflows.runbook.restoreverification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.SeenToFail;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.DumpsToVerify;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.FakeWorld;
import dev.lifeboat.workflows.runbook.RunMessages.Decision;
import dev.lifeboat.workflows.runbook.RunbookTestBed;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflow;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RestoreVerificationWorkflowTest {

    private static final String RUN = "restore-verification/main";

    private final FakeWorld world = new FakeWorld();
    private final RunbookTestBed bed = new RunbookTestBed(world);

    @BeforeEach
    void everythingIsGreen() {
        world.check("loadDump", Check.of("archive is whole", "20 bytes", "20 bytes", true));
        world.check("checkDatabase", Check.of("tables", "3", "3", true));
        world.check("proveChecks", Check.of("'tables' when a table was dropped", "red", "red: 2", true));
        world.check("smokeTestCopy", Check.of("orders", "at least 1", "1234", true));
    }

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void aGreenDumpIsProvedAfterTheServerIsGoneAndADrillHasPassed() {
        RunReport report = verify(input(false, false));

        assertThat(world.calls())
                .containsSubsequence(
                        "startServer",
                        "restoreGlobals",
                        "loadDump",
                        "checkDatabase",
                        "removeServer",
                        "replayWal",
                        "noteProof")
                .doesNotContain("proveChecks", "keepServer");
        assertThat(report.mode()).isEqualTo(RunMode.DRILL);
        assertThat(report.exitCode()).as(report.toString()).isZero();
        assertThat(report.checks())
                .extracting(Check::name)
                .contains("recovery to some time: executed", "recovery to some time: orders");
        assertThat(report.achieved().recoveryTime()).isNotNull();
        assertThat(report.achieved().dataLoss()).isNotNull();
        assertThat(world.proofs()).singleElement().satisfies(proof -> {
            assertThat(proof.verification().plan().dump().id()).isEqualTo("shop_2026-08-22_020000");
            assertThat(proof.checks()).isEqualTo((int) report.checks().stream()
                    .filter(c -> c.verdict() == Verdict.PASS)
                    .count());
        });
    }

    @Test
    void aDumpThatCannotBeRestoredIsReportedAndAsksNobody() {
        world.check("loadDump", Check.of("archive is whole", "20 bytes", "19 bytes", false));

        RunReport report = verify(input(true, false));

        assertThat(report.exitCode()).isEqualTo(3);
        assertThat(world.calls()).contains("removeServer").doesNotContain("checkDatabase", "proveChecks", "noteProof");
        assertThat(state(report, "check-database")).isEqualTo(StepState.SKIPPED);
        assertThat(report.achieved().recoveryTime()).isNull();
    }

    @Test
    void aRedCheckOfTheDatabaseProvesNothing() {
        world.check("checkDatabase", Check.of("tables", "3", "2; missing: public.a", false));

        RunReport report = verify(input(false, false));

        assertThat(report.exitCode()).isEqualTo(3);
        assertThat(world.proofs()).isEmpty();
        assertThat(report.verdicts().rto()).isEqualTo(Verdict.NOT_MEASURED);
    }

    @Test
    void globalsThatAreDamagedProveNothingThoughTheRowsAreThere() {
        world.check("restoreGlobals", Check.of("globals are whole", "as the manifest notes", "digest differs", false));

        RunReport report = verify(input(false, false));

        assertThat(report.exitCode()).isEqualTo(3);
        assertThat(world.calls()).contains("checkDatabase");
        assertThat(world.proofs()).isEmpty();
    }

    @Test
    void aDatabaseThatThisRunDoesNotRestoreIsNamed() {
        world.dumps(DumpsToVerify.of(
                DumpsToVerify.dump("shop_2026-08-22_020000", "shop"), DumpsToVerify.dump("crm", "crm")));

        RunReport report = verify(input(false, false));

        assertThat(report.findings())
                .filteredOn(finding -> finding.what().equals("dumps of crm are not restored by this run"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.hint()).contains("--database crm", "random"));
    }

    @Test
    void aCheckThatStaysGreenOverADamageFailsTheRun() {
        world.check("proveChecks", Check.of("'tables' when a table was dropped", "red", "GREEN: 3", false));

        RunReport report = verify(input(true, false));

        assertThat(report.exitCode()).isEqualTo(3);
        assertThat(world.proofs()).isEmpty();
    }

    @Test
    void theReportSaysOfEachCheckWhenItLastFailedOnPurpose() {
        RunReport report = verify(input(true, false));

        assertThat(seen(report, "tables")).isEqualTo(DumpsToVerify.SEEN);
        assertThat(seen(report, "archive is whole")).isEqualTo(SeenToFail.NEVER);
        assertThat(seen(report, "recovery to some time: orders")).isEqualTo(SeenToFail.NEVER);
    }

    @Test
    void aRedDrillIsRedHereToo() {
        world.check("smokeTestCopy", Check.of("orders", "at least 1", "0", false));

        RunReport report = verify(input(false, false));

        assertThat(report.exitCode()).isEqualTo(3);
        assertThat(report.checks())
                .filteredOn(check -> check.verdict() == Verdict.FAIL)
                .extracting(Check::name)
                .containsExactlyInAnyOrder(
                        "recovery to some time: verified",
                        "recovery to some time: orders",
                        "recovery to some time: took time");
        assertThat(world.proofs()).isEmpty();
    }

    @Test
    void withoutABaseBackupTheSecondPathIsAFindingAndTheDumpIsProvedAllTheSame() {
        world.window(new Window(List.of(), List.of(), null));

        RunReport report = verify(input(false, false));

        assertThat(report.findings()).extracting(Finding::hint).anyMatch(hint -> hint.contains("start base-backup"));
        assertThat(report.checks())
                .filteredOn(check -> check.verdict() == Verdict.NOT_MEASURED)
                .extracting(Check::name)
                .containsExactly("recovery to some time");
        assertThat(report.exitCode()).isZero();
        assertThat(world.proofs()).hasSize(1);
    }

    @Test
    void aDrillThatRunsAlreadyIsSaidSo() {
        world.hang("replayWal");
        PitrRecoveryWorkflow drill = bed.runbook(PitrRecoveryWorkflow.class, "pitr-recovery/main/drill");
        WorkflowClient.start(
                drill::recover,
                new PitrRecoveryInput(
                        RestoreVerificationPlanTest.request(),
                        "main",
                        new RecoveryTarget.Latest(),
                        false,
                        null,
                        null,
                        Placement.DRILL,
                        null,
                        0));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> world.calls()
                .contains("replayWal"));

        RunReport report = verify(input(false, false));

        assertThat(report.findings()).extracting(Finding::what).anyMatch(what -> what.contains("runs already"));
        assertThat(report.exitCode()).isZero();
        drill.abort(new Decision("bob", "only a test"));
    }

    @Test
    void aDrillThatIsRefusedIsRedWithItsReason() {
        world.facts(dev.lifeboat.workflows.runbook.Facts.withoutBackups());

        RunReport report = verify(input(false, false));

        assertThat(report.exitCode()).isEqualTo(3);
        assertThat(report.checks())
                .filteredOn(check -> check.verdict() == Verdict.FAIL)
                .singleElement()
                .satisfies(check -> assertThat(check.observed()).contains("base backup"));
    }

    @Test
    void aServerThatStaysIsLeftBehindAndMakesTheRunUnclean() {
        world.fail("removeServer", FailureCode.UNEXPECTED_STATE);

        RunReport report = verify(input(false, false));

        assertThat(report.exitCode()).isEqualTo(9);
        assertThat(report.leftBehind())
                .extracting(LeftBehind::where)
                .containsExactly("/var/lib/postgresql/15/lifeboat-main/verification");
    }

    @Test
    void aServerThatIsKeptIsLeftWithADateAndTheRunIsClean() {
        RunReport report = verify(input(false, true));

        assertThat(world.calls()).contains("keepServer").doesNotContain("removeServer");
        assertThat(report.leftBehind()).singleElement().satisfies(left -> assertThat(left.keptUntil())
                .isEqualTo(DumpsToVerify.READ_AT.plus(Duration.ofDays(7))));
        assertThat(report.exitCode()).isZero();
    }

    @Test
    void anAbortRemovesTheServer() {
        world.hang("loadDump");
        RestoreVerificationWorkflow run = bed.runbook(RestoreVerificationWorkflow.class, RUN);
        WorkflowClient.start(run::verify, input(false, false));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> world.calls()
                .contains("loadDump"));

        run.abort(new Decision("bob", "not now"));
        RunReport report = WorkflowStub.fromTyped(run).getResult(RunReport.class);

        assertThat(report.exitCode()).isEqualTo(5);
        assertThat(world.calls()).endsWith("removeServer", "releaseLease");
    }

    @Test
    void anUnknownDumpIsRefusedWithoutATrace() {
        RestoreVerificationInput unknown = RestoreVerificationPlanTest.input(null, "nobody_took_it", false);

        assertThatThrownBy(() -> verify(unknown))
                .satisfies(refused ->
                        assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.UNKNOWN_BACKUP));
        assertThat(world.reports()).isEmpty();
    }

    private RunReport verify(RestoreVerificationInput input) {
        return bed.runbook(RestoreVerificationWorkflow.class, RUN).verify(input);
    }

    private static RestoreVerificationInput input(boolean proveChecks, boolean keep) {
        return new RestoreVerificationInput(
                RestoreVerificationPlanTest.request(),
                "main",
                null,
                null,
                false,
                proveChecks,
                keep,
                RestoreVerificationPlanTest.request().objectives());
    }

    private static StepState state(RunReport report, String step) {
        return report.steps().stream()
                .filter(each -> each.id().equals(step))
                .map(StepRecord::state)
                .findFirst()
                .orElseThrow();
    }

    private static SeenToFail seen(RunReport report, String check) {
        return Objects.requireNonNull(report.checks().stream()
                .filter(each -> each.name().equals(check))
                .findFirst()
                .orElseThrow()
                .seenToFail());
    }
}
