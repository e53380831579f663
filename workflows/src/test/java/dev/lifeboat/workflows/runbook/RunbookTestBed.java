package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.runbook.RunStatus.WaitingFor;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupWorkflowImpl;
import dev.lifeboat.workflows.runbook.dailydump.DailyDumpWorkflowImpl;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreWorkflowImpl;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflowImpl;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflowImpl;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationWorkflowImpl;
import dev.lifeboat.workflows.runbook.schedule.ScheduledRunWorkflowImpl;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import org.awaitility.Awaitility;

/** Temporal in this JVM with every runbook registered as in production, over a {@link FakeWorld}. */
public final class RunbookTestBed implements AutoCloseable {

    /** A run that waits for a person whom no test plays fails then, instead of keeping the build. */
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final TestWorkflowEnvironment environment;

    public RunbookTestBed(FakeWorld world) {
        TestEnvironmentOptions.Builder options = TestEnvironmentOptions.newBuilder();
        RunVisibility.ALL.forEach(key -> options.registerSearchAttribute(key.getName(), key.getValueType()));
        environment = TestWorkflowEnvironment.newInstance(options.setUseTimeskipping(false)
                .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                        .setDataConverter(PayloadMapper.dataConverter())
                        .build())
                .setWorkerFactoryOptions(WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new FailureTranslator())
                        .build())
                .build());
        Worker runbooks = environment.newWorker(TaskQueues.RUNBOOKS, patient());
        runbooks.registerWorkflowImplementationTypes(
                PitrRecoveryWorkflowImpl.class,
                BaseBackupWorkflowImpl.class,
                DailyDumpWorkflowImpl.class,
                DumpRestoreWorkflowImpl.class,
                RestoreVerificationWorkflowImpl.class,
                InquiryWorkflowImpl.class,
                LateReportWorkflowImpl.class,
                ScheduledRunWorkflowImpl.class);
        environment
                .newWorker(TaskQueues.PLATFORM, patient())
                .registerActivitiesImplementations(world.platform().toArray());
        environment
                .newWorker(TaskQueues.postgres("main"), patient())
                .registerActivitiesImplementations(world.postgres().toArray());
        environment.start();
    }

    /** A JVM that loads its first classes on a busy machine is no deadlock, for which the SDK takes a second. */
    static WorkerOptions patient() {
        return WorkerOptions.newBuilder()
                .setDefaultDeadlockDetectionTimeout(60_000)
                .build();
    }

    public TestWorkflowEnvironment environment() {
        return environment;
    }

    public <T> T runbook(Class<T> type, String run) {
        return environment
                .getWorkflowClient()
                .newWorkflowStub(
                        type,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.RUNBOOKS)
                                .setWorkflowId(run)
                                .setWorkflowExecutionTimeout(DEADLINE)
                                .build());
    }

    /** Waits until the run asks a person something. */
    public static WaitingFor question(RunMessages run) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> run.status().waitingFor(), waiting -> waiting != null);
    }

    @Override
    public void close() {
        environment.close();
    }
}
