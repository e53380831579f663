package dev.lifeboat.workflows.contract;

import dev.lifeboat.workflows.domain.FailureCode;
import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import java.time.Duration;
import java.util.Arrays;

/** Timeouts by the shape of the work. A number of seconds that concerns activities stands here and nowhere else. */
public final class ActivityPolicies {

    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    /** For what is done in a moment when the store is quick; the worker heartbeats for it. */
    private static final Duration SHORT = Duration.ofMinutes(2);

    private ActivityPolicies() {}

    /** A question that is answered in seconds and changes nothing. */
    public static ActivityOptions probe(String taskQueue) {
        return base(taskQueue)
                .setStartToCloseTimeout(Duration.ofSeconds(60))
                .setHeartbeatTimeout(HEARTBEAT)
                .setScheduleToStartTimeout(Duration.ofSeconds(10))
                .setRetryOptions(retry(3).build())
                .build();
    }

    /** A question that a run must have answered: waits for a worker as long as it takes. */
    public static ActivityOptions patientProbe(String taskQueue) {
        return base(taskQueue)
                .setStartToCloseTimeout(SHORT)
                .setHeartbeatTimeout(HEARTBEAT)
                .setRetryOptions(retry(10).build())
                .build();
    }

    /** A few small objects written to the bucket; outlasts a store that is away for minutes. */
    public static ActivityOptions smallWrite(String taskQueue) {
        return base(taskQueue)
                .setStartToCloseTimeout(SHORT)
                .setHeartbeatTimeout(HEARTBEAT)
                .setRetryOptions(retry(30).build())
                .build();
    }

    /**
     * A change that is made in seconds: looks before it acts, so it may be repeated. Repeated for minutes, since each one
     * reads its lease from a bucket that may be away.
     */
    public static ActivityOptions shortChange(String taskQueue) {
        return base(taskQueue)
                .setStartToCloseTimeout(Duration.ofMinutes(5))
                .setHeartbeatTimeout(HEARTBEAT)
                .setRetryOptions(retry(30).build())
                .build();
    }

    /**
     * Work that moves or replays data for as long as it takes. A killed worker is noticed by the missing heartbeat and
     * the work goes on within seconds, from what is already done.
     */
    public static ActivityOptions longRunning(String taskQueue) {
        return base(taskQueue)
                .setStartToCloseTimeout(Duration.ofDays(7))
                .setHeartbeatTimeout(HEARTBEAT)
                .setRetryOptions(retry(30).build())
                .build();
    }

    private static ActivityOptions.Builder base(String taskQueue) {
        return ActivityOptions.newBuilder()
                .setTaskQueue(taskQueue)
                // An undo must never run beside the step that it undoes.
                .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED);
    }

    private static RetryOptions.Builder retry(int attempts) {
        return RetryOptions.newBuilder()
                .setInitialInterval(Duration.ofSeconds(1))
                .setBackoffCoefficient(1.5)
                .setMaximumInterval(Duration.ofSeconds(5))
                .setMaximumAttempts(attempts)
                .setDoNotRetry(Arrays.stream(FailureCode.values())
                        .filter(code -> !code.isRetriedByMachine())
                        .map(Enum::name)
                        .toArray(String[]::new));
    }
}
