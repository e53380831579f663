package dev.lifeboat.cli;

import com.google.protobuf.Timestamp;
import dev.lifeboat.workflows.contract.Progress;
import io.temporal.api.enums.v1.PendingActivityState;
import io.temporal.api.failure.v1.Failure;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.common.converter.DataConverter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Reads what Temporal says of a run. */
record RunHeads(DataConverter converter) {

    RunHead of(DescribeWorkflowExecutionResponse answer) {
        return of(
                answer.getWorkflowExecutionInfo(),
                answer.getPendingActivitiesList().stream()
                        .findFirst()
                        .map(this::activityOf)
                        .orElse(null));
    }

    static RunHead of(WorkflowExecutionInfo info, RunHead.@Nullable ActivityHead activity) {
        return new RunHead(
                info.getExecution().getWorkflowId(),
                info.getExecution().getRunId(),
                info.getType().getName(),
                info.getStatus(),
                instant(info.getStartTime()),
                info.getCloseTime().getSeconds() > 0 ? instant(info.getCloseTime()) : null,
                activity);
    }

    private static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    private RunHead.ActivityHead activityOf(PendingActivityInfo info) {
        return new RunHead.ActivityHead(
                info.getActivityType().getName(),
                info.getAttempt(),
                info.getState() != PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED,
                progressOf(info),
                info.hasLastFailure() ? messageOf(info.getLastFailure()) : null);
    }

    /** A server that finds a failure too long to keep puts a note in its place, and what it kept below as the cause. */
    private static String messageOf(Failure failure) {
        return failure.hasServerFailureInfo() && failure.hasCause()
                ? failure.getCause().getMessage()
                : failure.getMessage();
    }

    private @Nullable Progress progressOf(PendingActivityInfo info) {
        if (info.getHeartbeatDetails().getPayloadsCount() == 0) {
            return null;
        }
        try {
            return converter.fromPayload(info.getHeartbeatDetails().getPayloads(0), Progress.class, Progress.class);
        } catch (RuntimeException e) {
            // Only for people to watch; what an older or newer worker writes there is no reason to stop watching.
            return null;
        }
    }
}
