package dev.lifeboat.worker;

import dev.lifeboat.activities.store.RunLiveness;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowClient;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks Temporal whether the holder of a lease still runs. */
final class TemporalRunLiveness implements RunLiveness {

    /** Of a namespace that is not there, or not for us, Temporal does not say whether it ever knew the run. */
    private static final Set<Status.Code> SAYS_NOTHING = Set.of(
            Status.Code.NOT_FOUND,
            Status.Code.INVALID_ARGUMENT,
            Status.Code.PERMISSION_DENIED,
            Status.Code.UNAUTHENTICATED);

    private final WorkflowClient client;

    TemporalRunLiveness(WorkflowClient client) {
        this.client = client;
    }

    @Override
    public State of(String run, String runId, @Nullable String namespace) {
        String own = client.getOptions().getNamespace();
        String asked = namespace == null ? own : namespace;
        try {
            WorkflowExecutionStatus status = client.getWorkflowServiceStubs()
                    .blockingStub()
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                            .setNamespace(asked)
                            .setExecution(WorkflowExecution.newBuilder()
                                    .setWorkflowId(run)
                                    .setRunId(runId))
                            .build())
                    .getWorkflowExecutionInfo()
                    .getStatus();
            return status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING ? State.OPEN : State.CLOSED;
        } catch (StatusRuntimeException e) {
            Status.Code code = e.getStatus().getCode();
            if (!asked.equals(own) && SAYS_NOTHING.contains(code)) {
                return State.ELSEWHERE;
            }
            // A run id that is no UUID was never Temporal's.
            if (code == Status.Code.NOT_FOUND || code == Status.Code.INVALID_ARGUMENT) {
                return State.UNKNOWN;
            }
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED,
                    "cannot find out whether the run %s still goes on: Temporal answered %s".formatted(run, code),
                    "check that Temporal can be reached from this worker",
                    e);
        }
    }
}
