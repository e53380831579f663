package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Answer;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Question;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** Asks a worker, through one short workflow: the tool itself holds no store and no database. */
final class Inquiries {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final Duration LOOK = Duration.ofSeconds(3);

    private final Gateway gateway;
    private final Duration signOfLife;

    /** @param signOfLife after this long without one there is no worker */
    Inquiries(Gateway gateway, Duration signOfLife) {
        this.gateway = gateway;
        this.signOfLife = signOfLife;
    }

    /** @throws CliFailure with 10 when no worker serves the queues it needs */
    Answer ask(Question question) {
        return ask(question, "inquiry/" + UUID.randomUUID());
    }

    /**
     * The same of a question that changes something, under an id of its own.
     *
     * @throws CliFailure with 7 while one of this id is being answered
     */
    Answer askAlone(Question question, String id) {
        try {
            return ask(question, id);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
                throw new CliFailure(
                        ExitCode.HELD,
                        "ALREADY_RUNNING",
                        id + " is under way already",
                        "wait until it has ended, then try again");
            }
            throw e;
        }
    }

    private Answer ask(Question question, String id) {
        String runId = start(id, LIMIT, question);
        Optional<Answer> answer = gateway.result(id, runId, Answer.class, signOfLife);
        if (answer.isPresent()) {
            return answer.get();
        }
        if (!hasBegun(id, runId)) {
            gateway.terminate(id, runId, "nobody answered");
            throw noWorker();
        }
        return gateway.result(id, runId, Answer.class, LIMIT).orElseThrow(Inquiries::noWorker);
    }

    /** @return empty when it was not answered within so little time */
    Optional<Answer> askQuickly(Question question, Duration patience) {
        String id = "inquiry/" + UUID.randomUUID();
        String runId = start(id, patience, question);
        try {
            return gateway.result(id, runId, Answer.class, patience);
        } catch (CliFailure e) {
            if (e.code().equals(Gateway.ENDED_FROM_OUTSIDE)) {
                // By Temporal, because its own time was over.
                return Optional.empty();
            }
            throw e;
        }
    }

    private String start(String id, Duration limit, Question question) {
        return gateway.start(InquiryWorkflow.TYPE, id, limit, "a question of the operator's tool", question);
    }

    static CliFailure noWorker() {
        return new CliFailure(
                ExitCode.UNREACHABLE,
                "NO_WORKER",
                "no worker answers on the queue " + TaskQueues.RUNBOOKS,
                "start one with 'lifeboat worker' beside the data directory; runs that are open go on by themselves then");
    }

    private boolean hasBegun(String id, String runId) {
        return gateway
                .call(LOOK)
                .getWorkflowExecutionHistory(GetWorkflowExecutionHistoryRequest.newBuilder()
                        .setNamespace(gateway.namespace())
                        .setExecution(
                                WorkflowExecution.newBuilder().setWorkflowId(id).setRunId(runId))
                        .build())
                .getHistory()
                .getEventsList()
                .stream()
                .anyMatch(event -> event.getEventType() == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
    }
}
