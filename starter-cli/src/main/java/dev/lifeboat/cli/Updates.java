package dev.lifeboat.cli;

import dev.lifeboat.workflows.runbook.RunStatus;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage;
import io.temporal.api.update.v1.Input;
import io.temporal.api.update.v1.Meta;
import io.temporal.api.update.v1.Request;
import io.temporal.api.update.v1.WaitPolicy;
import io.temporal.api.workflowservice.v1.UpdateWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.UpdateWorkflowExecutionResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Sends answers to a run, as Temporal's Updates. */
record Updates(Gateway gateway, Wire wire) {

    private static final Duration RESULT = Duration.ofSeconds(5);

    /**
     * Sends an Update.
     *
     * @return its result; empty when the run took it and is still busy with it
     * @throws CliFailure when the run refuses it, or no worker took it in time
     */
    Optional<RunStatus> send(RunHead run, String name, Object argument, Duration patience) {
        Input.Builder input = Input.newBuilder().setName(name);
        wire.encode(argument).ifPresent(input::setArgs);
        Request request = Request.newBuilder()
                .setMeta(Meta.newBuilder().setUpdateId(UUID.randomUUID().toString()))
                .setInput(input)
                .build();
        UpdateWorkflowExecutionResponse answer = send(
                run,
                request,
                UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED,
                patience);
        if (!answer.hasOutcome()) {
            answer = send(
                    run,
                    request,
                    UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
                    RESULT);
        }
        if (answer.getOutcome().hasFailure()) {
            throw wire.failure(answer.getOutcome().getFailure());
        }
        return answer.getOutcome().hasSuccess()
                ? Optional.of(wire.decode(answer.getOutcome().getSuccess(), RunStatus.class))
                : Optional.empty();
    }

    private UpdateWorkflowExecutionResponse send(
            RunHead run, Request request, UpdateWorkflowExecutionLifecycleStage stage, Duration patience) {
        try {
            return gateway.call(patience)
                    .updateWorkflowExecution(UpdateWorkflowExecutionRequest.newBuilder()
                            .setNamespace(gateway.namespace())
                            .setWorkflowExecution(WorkflowExecution.newBuilder()
                                    .setWorkflowId(run.name())
                                    .setRunId(run.runId()))
                            .setWaitPolicy(WaitPolicy.newBuilder().setLifecycleStage(stage))
                            .setRequest(request)
                            .build());
        } catch (StatusRuntimeException e) {
            boolean late = e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED;
            if (!late) {
                throw e;
            }
            if (stage == UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED) {
                throw Inquiries.noWorker();
            }
            return UpdateWorkflowExecutionResponse.getDefaultInstance();
        }
    }
}
