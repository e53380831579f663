package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.Progress;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What Temporal itself knows of a run, also when no worker lives.
 *
 * @param activity what is being done now; null between two activities and after the end
 */
record RunHead(
        String name,
        String runId,
        String type,
        WorkflowExecutionStatus status,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable ActivityHead activity) {

    /**
     * @param attempt   counted from 1
     * @param progress  the last heartbeat; null before the first
     * @param failure   why the last attempt failed; null when none did
     * @param begun     false while it waits for a worker
     */
    record ActivityHead(
            String type, int attempt, boolean begun, @Nullable Progress progress, @Nullable String failure) {}

    boolean isOpen() {
        return status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
    }

    boolean hasResult() {
        return status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED;
    }

    String statusWord() {
        return status.name()
                .substring("WORKFLOW_EXECUTION_STATUS_".length())
                .toLowerCase(java.util.Locale.ROOT)
                .replace('_', ' ');
    }
}
