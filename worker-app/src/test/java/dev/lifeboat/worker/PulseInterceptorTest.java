package dev.lifeboat.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.common.RetryOptions;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PulseInterceptorTest {

    /** Four seconds more than the pulse: so late may a busy machine be. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    /** As the worker has it; the client's own would keep a heartbeat back for four fifths of its timeout. */
    private static final Duration THROTTLE = Duration.ofSeconds(1);

    @Test
    void whatDoesNotHeartbeatByItselfIsKnownByItsName() {
        assertThat(PulseInterceptor.isQuiet("LeaseTakeLease")).isTrue();
        assertThat(PulseInterceptor.isQuiet("EvidenceWriteReport")).isTrue();
        assertThat(PulseInterceptor.isQuiet("PostgresBackupCheckCluster")).isTrue();
        assertThat(PulseInterceptor.isQuiet("PostgresBackupTakeBaseBackup")).isFalse();
        assertThat(PulseInterceptor.isQuiet("PostgresRecoveryReplayWal")).isFalse();
    }

    @Test
    void aWriteThatTakesTwiceItsHeartbeatTimeoutIsNotTakenForLost() {
        TestEnvironmentOptions options = TestEnvironmentOptions.newBuilder()
                .setUseTimeskipping(false)
                .setWorkerFactoryOptions(WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new PulseInterceptor())
                        .build())
                .build();
        try (TestWorkflowEnvironment temporal = TestWorkflowEnvironment.newInstance(options)) {
            Worker worker = temporal.newWorker(
                    "q",
                    WorkerOptions.newBuilder()
                            .setDefaultDeadlockDetectionTimeout(60_000)
                            .setMaxHeartbeatThrottleInterval(THROTTLE)
                            .setDefaultHeartbeatThrottleInterval(THROTTLE)
                            .build());
            worker.registerWorkflowImplementationTypes(Runs.class);
            worker.registerActivitiesImplementations(new Slow());
            temporal.start();

            int attempts = temporal.getWorkflowClient()
                    .newWorkflowStub(
                            Run.class,
                            WorkflowOptions.newBuilder().setTaskQueue("q").build())
                    .run();

            assertThat(attempts).isEqualTo(1);
        }
    }

    @ActivityInterface(namePrefix = "Evidence")
    public interface SlowWrite {
        int write();
    }

    /** Its bucket answers late; it tells which attempt it was. */
    private static final class Slow implements SlowWrite {
        @Override
        public int write() {
            try {
                boolean never = new CountDownLatch(1).await(2 * HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
                return never ? -1 : Activity.getExecutionContext().getInfo().getAttempt();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return -2;
            }
        }
    }

    @WorkflowInterface
    public interface Run {
        @WorkflowMethod
        int run();
    }

    public static final class Runs implements Run {
        @Override
        public int run() {
            return Workflow.newActivityStub(
                            SlowWrite.class,
                            ActivityOptions.newBuilder()
                                    .setStartToCloseTimeout(Duration.ofSeconds(60))
                                    .setHeartbeatTimeout(HEARTBEAT)
                                    .setRetryOptions(RetryOptions.newBuilder()
                                            .setMaximumAttempts(2)
                                            .build())
                                    .build())
                    .write();
        }
    }
}
