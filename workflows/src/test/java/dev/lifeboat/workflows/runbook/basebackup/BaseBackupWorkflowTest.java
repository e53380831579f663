package dev.lifeboat.workflows.runbook.basebackup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Failure;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BaseBackupWorkflowTest {

    private final FakeWorld world = new FakeWorld();
    private final RunbookTestBed bed = new RunbookTestBed(world);

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void aBackupIsReadBackBeforeItIsCalledOne() {
        RunReport report = backup().backUp(input());

        assertThat(world.calls())
                .containsExactly(
                        "checkCluster",
                        "takeLease",
                        "takeBaseBackup",
                        "awaitWal",
                        "verifyBaseBackup",
                        "expireBackups",
                        "releaseLease");
        assertThat(report.mode()).isEqualTo(RunMode.BACKUP);
        assertThat(report.verdicts().verified()).isEqualTo(Verdict.PASS);
        assertThat(report.verdicts().rto()).isEqualTo(Verdict.NOT_MEASURED);
        assertThat(report.source()).extracting(Source::baseBackup).isEqualTo("20260822T100000Z");
        assertThat(report.exitCode()).isZero();
    }

    @Test
    void aClusterThatIsNotReadyIsRefusedWithoutATrace() {
        world.fail("checkCluster", FailureCode.CLUSTER_NOT_READY);

        assertThatThrownBy(() -> backup().backUp(input()))
                .satisfies(refused ->
                        assertThat(FailureTranslator.read(refused).code()).isEqualTo(FailureCode.CLUSTER_NOT_READY));
        assertThat(world.reports()).isEmpty();
    }

    @Test
    void aBackupThatCannotBeReadBackWaitsAndAnAbortGivesTheLeaseBack() {
        world.fail("verifyBaseBackup", FailureCode.BACKUP_DAMAGED);
        BaseBackupWorkflow run = backup();
        WorkflowClient.start(run::backUp, input());
        RunbookTestBed.question(run);

        run.abort(new Decision("bob", "the disk is broken"));
        RunReport report = WorkflowStub.fromTyped(run).getResult(RunReport.class);

        assertThat(world.calls()).endsWith("verifyBaseBackup", "releaseLease");
        assertThat(report.exitCode()).isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource(names = {"CREDENTIALS_REFUSED", "UNEXPECTED_STATE", "FENCED_OUT"})
    void thatOldBackupsCouldNotBeDeletedIsAFindingOfABackupThatIsGood(FailureCode why) {
        world.fail("expireBackups", why);

        RunReport report = backup().backUp(input());

        assertThat(report.exitCode()).isZero();
        assertThat(report.verdicts().executed()).isEqualTo(Verdict.PASS);
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.what()).contains("were not deleted", why.name(), "fake expireBackups failed");
            assertThat(finding.hint()).isEqualTo("try something else");
        });
        assertThat(world.calls()).endsWith("expireBackups", "releaseLease");
    }

    @Test
    void aRecoveryThatTakesPrecedenceEndsIt() {
        world.fail("takeBaseBackup", FailureCode.FENCED_OUT);

        RunReport report = backup().backUp(input());

        assertThat(report.exitCode()).isEqualTo(1);
        assertThat(report.failure()).extracting(Failure::code).isEqualTo("FENCED_OUT");
        assertThat(report.leftBehind()).extracting(LeftBehind::what).doesNotContain("lease");
    }

    private BaseBackupWorkflow backup() {
        return bed.runbook(BaseBackupWorkflow.class, "base-backup/main");
    }

    private static BaseBackupInput input() {
        RunRequest request = new RunRequest(
                "ana@ops-1",
                "nightly",
                true,
                false,
                new Objectives(Duration.ofHours(1), Duration.ofHours(1)),
                Map.of("cluster", "main"));
        return new BaseBackupInput(request, "main");
    }
}
