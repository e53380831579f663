package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Answer;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Question;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks a worker, through one short workflow: the tool itself holds no store and no database. */
final class Inquiries {

    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Gateway gateway;
    private final Duration signOfLife;

    /** @param signOfLife after this long without one there is no worker */
    Inquiries(Gateway gateway, Duration signOfLife) {
        this.gateway = gateway;
        this.signOfLife = signOfLife;
    }

    /** @throws CliFailure with 10 when no worker serves the queues it needs */
    Answer ask(Question question) {
        return ask(question, LIMIT);
    }

    /** @param limit when it is over the question is withdrawn */
    Answer ask(Question question, Duration limit) {
        String id = "inquiry/" + UUID.randomUUID();
        String runId = gateway.start(InquiryWorkflow.TYPE, id, limit, "a question of the operator's tool", question);
        WorkflowStub stub = gateway.stub(id, runId);
        try {
            return stub.getResult(
                    Math.min(signOfLife.toMillis(), limit.toMillis()), TimeUnit.MILLISECONDS, Answer.class);
        } catch (TimeoutException e) {
            return askOn(stub, id, runId);
        } catch (WorkflowException e) {
            throw CliFailure.of(FailureTranslator.read(e));
        }
    }

    private Answer askOn(WorkflowStub stub, String id, String runId) {
        if (!hasBegun(id, runId)) {
            stub.terminate("nobody answered");
            throw noWorker();
        }
        try {
            return stub.getResult(Answer.class);
        } catch (WorkflowException e) {
            throw CliFailure.of(FailureTranslator.read(e));
        }
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
                .call(Duration.ofSeconds(3))
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
