package dev.lifeboat.workflows.runbook.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.runbook.FakeWorld;
import dev.lifeboat.workflows.runbook.RunMessages.Decision;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.RunbookTestBed;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupInput;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupWorkflow;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScheduledRunWorkflowTest {

    private static final String RUN = "base-backup/main";

    private final FakeWorld world = new FakeWorld();
    private final RunbookTestBed bed = new RunbookTestBed(world);

    @AfterEach
    void end() {
        bed.close();
    }

    @Test
    void theRunThatAScheduleStartsHasTheNameAndTheReportOfAnyOther() {
        ScheduledStart start = schedule("scheduled/one").start(input());

        RunReport report = bed.environment()
                .getWorkflowClient()
                .newUntypedWorkflowStub(RUN)
                .getResult(RunReport.class);
        assertThat(start).isEqualTo(new ScheduledStart("base-backup", RUN, true, report.runId(), ""));
        assertThat(report.run()).isEqualTo(RUN);
        assertThat(report.requestedBy()).isEqualTo("schedule");
        assertThat(report.exitCode()).isZero();
        assertThat(report.inputs()).containsEntry("cluster", "main");
    }

    @Test
    void aScheduleDoesNotStartWhatAPersonHasStarted() {
        world.hang("takeBaseBackup");
        BaseBackupWorkflow person = bed.runbook(BaseBackupWorkflow.class, RUN);
        WorkflowClient.start(person::backUp, new BaseBackupInput(request(), "main"));

        ScheduledStart start = schedule("scheduled/one").start(input());

        assertThat(start.started()).isFalse();
        assertThat(start.runId()).isNull();
        assertThat(start.why()).contains("a run of that name was open");
        abort(person);
        assertThat(schedule("scheduled/two").start(input()).started()).isTrue();
    }

    @Test
    void aPersonCannotStartWhatAScheduleHasStarted() {
        world.hang("takeBaseBackup");
        schedule("scheduled/one").start(input());
        BaseBackupWorkflow person = bed.runbook(BaseBackupWorkflow.class, RUN);

        assertThatThrownBy(() -> WorkflowClient.start(person::backUp, new BaseBackupInput(request(), "main")))
                .isInstanceOf(WorkflowExecutionAlreadyStarted.class);

        abort(bed.environment().getWorkflowClient().newWorkflowStub(BaseBackupWorkflow.class, RUN));
    }

    private void abort(BaseBackupWorkflow run) {
        await().atMost(Duration.ofSeconds(30)).until(() -> world.calls().contains("takeBaseBackup"));
        run.abort(new Decision("bob", "enough"));
        RunReport report = bed.environment()
                .getWorkflowClient()
                .newUntypedWorkflowStub(RUN)
                .getResult(RunReport.class);
        assertThat(report.exitCode()).isEqualTo(5);
    }

    private ScheduledRunWorkflow schedule(String id) {
        return bed.runbook(ScheduledRunWorkflow.class, id);
    }

    private static ScheduledRunInput input() {
        return new ScheduledRunInput(
                "base-backup",
                BaseBackupWorkflow.TYPE,
                RUN,
                "backup of main by its schedule",
                PayloadMapper.json().valueToTree(new BaseBackupInput(request(), "main")));
    }

    private static RunRequest request() {
        return new RunRequest(
                "schedule",
                "",
                true,
                false,
                new Objectives(Duration.ofHours(1), Duration.ofHours(1)),
                Map.of("cluster", "main"));
    }
}
