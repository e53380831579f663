package dev.lifeboat.workflows.runbook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.SampleReports;
import dev.lifeboat.workflows.domain.FailureCode;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.WorkerFactoryOptions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Days pass in a moment here: the test's Temporal skips the time in which nothing happens. */
class LateReportWorkflowTest {

    private final FakeWorld world = new FakeWorld();
    private final TestWorkflowEnvironment environment =
            TestWorkflowEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                    .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                            .setDataConverter(PayloadMapper.dataConverter())
                            .build())
                    .setWorkerFactoryOptions(WorkerFactoryOptions.newBuilder()
                            .setWorkerInterceptors(new FailureTranslator())
                            .build())
                    .build());

    @BeforeEach
    void startWorkers() {
        environment
                .newWorker(TaskQueues.RUNBOOKS, RunbookTestBed.patient())
                .registerWorkflowImplementationTypes(LateReportWorkflowImpl.class);
        environment
                .newWorker(TaskQueues.PLATFORM)
                .registerActivitiesImplementations(world.platform().toArray());
        environment.start();
    }

    @AfterEach
    void end() {
        environment.close();
    }

    @Test
    void aKeyThatIsRenewedAfterHoursIsNotTooLate() {
        world.fail("writeReport", FailureCode.CREDENTIALS_EXPIRED);
        environment.registerDelayedCallback(Duration.ofHours(9), () -> world.heal("writeReport"));
        long began = environment.currentTimeMillis();

        late().write(SampleReports.failed());

        assertThat(world.reports()).hasSize(1);
        // Once nothing is left to do the test's clock runs off, so only the lower bound can be told.
        assertThat(Duration.ofMillis(environment.currentTimeMillis() - began))
                .isGreaterThanOrEqualTo(Duration.ofHours(9));
    }

    @Test
    void afterDaysItEndsWithTheReason() {
        world.fail("writeReport", FailureCode.CREDENTIALS_EXPIRED);

        assertThatThrownBy(() -> late().write(SampleReports.failed()))
                .isInstanceOf(WorkflowFailedException.class)
                .satisfies(failure -> assertThat(FailureTranslator.read(failure).message())
                        .contains("did not come into the bucket within 3 days", "fake writeReport failed"));
    }

    private LateReportWorkflow late() {
        return environment
                .getWorkflowClient()
                .newWorkflowStub(
                        LateReportWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.RUNBOOKS)
                                .setWorkflowId(LateReportWorkflow.idOf("run"))
                                .build());
    }
}
