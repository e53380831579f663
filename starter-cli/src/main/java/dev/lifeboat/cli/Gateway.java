package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunStatus;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.common.v1.WorkflowType;
import io.temporal.api.enums.v1.HistoryEventFilterType;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.query.v1.WorkflowQuery;
import io.temporal.api.sdk.v1.UserMetadata;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.api.workflowservice.v1.QueryWorkflowRequest;
import io.temporal.api.workflowservice.v1.StartWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.TerminateWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.WorkflowServiceGrpc.WorkflowServiceBlockingStub;
import io.temporal.common.converter.DataConverter;
import io.temporal.serviceclient.WorkflowServiceStubs;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The tool's one way to Temporal. It speaks its API directly: the SDK's client would wait for as long as a server or a
 * worker is away, and takes longer to load than most commands to answer. Every call here has a deadline of its own.
 */
final class Gateway implements AutoCloseable {

    static final String ENDED_FROM_OUTSIDE = "NO_REPORT";

    /** The first one includes that this process wakes up, on a host that may be busy with the very trouble it is about. */
    private static final Duration CALL = Duration.ofSeconds(10);

    private static final int TRIES = 3;

    private final WorkflowServiceStubs stubs;
    private final Runnable close;
    private final String namespace;
    private final DataConverter converter = PayloadMapper.dataConverter();
    private final Wire wire = new Wire(converter);

    /** @param close what ends the connection */
    Gateway(WorkflowServiceStubs stubs, String namespace, Runnable close) {
        this.stubs = stubs;
        this.close = close;
        this.namespace = namespace;
    }

    String namespace() {
        return namespace;
    }

    WorkflowServiceBlockingStub call(Duration patience) {
        return stubs.blockingStub().withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What Temporal knows of the run; empty when it never knew it or has forgotten it. */
    Optional<RunHead> head(RunRef run) {
        WorkflowExecution.Builder execution = WorkflowExecution.newBuilder().setWorkflowId(run.name());
        if (run.runId() != null) {
            execution.setRunId(run.runId());
        }
        try {
            return Optional.of(new RunHeads(converter)
                    .of(call(CALL)
                            .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                                    .setNamespace(namespace)
                                    .setExecution(execution)
                                    .build())));
        } catch (StatusRuntimeException e) {
            if (isUnknownRun(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static boolean isUnknownRun(StatusRuntimeException e) {
        // A malformed run id is one that nobody ever had.
        return e.getStatus().getCode() == Status.Code.INVALID_ARGUMENT
                || (e.getStatus().getCode() == Status.Code.NOT_FOUND
                        && !String.valueOf(e.getStatus().getDescription()).startsWith("Namespace"));
    }

    /** The run as it sees itself; needs a worker. */
    RunStatus status(RunHead run, Duration patience) {
        Payloads answer = call(patience)
                .queryWorkflow(QueryWorkflowRequest.newBuilder()
                        .setNamespace(namespace)
                        .setExecution(execution(run.name(), run.runId()))
                        .setQuery(WorkflowQuery.newBuilder().setQueryType("status"))
                        .build())
                .getQueryResult();
        return wire.decode(answer, RunStatus.class);
    }

    /**
     * Starts a workflow whose id must be free.
     *
     * @param limit zero for none
     * @return the run id
     * @throws StatusRuntimeException ALREADY_EXISTS when a run of that name is open
     */
    String start(String type, String run, Duration limit, String summary, Object input) {
        StartWorkflowExecutionRequest.Builder request = StartWorkflowExecutionRequest.newBuilder()
                .setNamespace(namespace)
                .setWorkflowId(run)
                .setWorkflowType(WorkflowType.newBuilder().setName(type))
                .setTaskQueue(TaskQueue.newBuilder().setName(TaskQueues.RUNBOOKS))
                .setRequestId(UUID.randomUUID().toString())
                .setIdentity("lifeboat@" + Surroundings.hostName())
                .setWorkflowIdConflictPolicy(WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_FAIL);
        wire.encode(input).ifPresent(request::setInput);
        converter
                .toPayload(summary)
                .ifPresent(payload ->
                        request.setUserMetadata(UserMetadata.newBuilder().setSummary(payload)));
        if (!limit.isZero()) {
            request.setWorkflowExecutionTimeout(
                    com.google.protobuf.Duration.newBuilder().setSeconds(Math.max(1, limit.toSeconds())));
        }
        return start(request.build());
    }

    /** The request id makes it safe to ask again when the answer was lost. */
    private String start(StartWorkflowExecutionRequest request) {
        for (int left = TRIES - 1; ; left--) {
            try {
                return call(CALL).startWorkflowExecution(request).getRunId();
            } catch (StatusRuntimeException e) {
                if (left == 0 || e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
                    throw e;
                }
            }
        }
    }

    void terminate(String run, String runId, String reason) {
        call(CALL)
                .terminateWorkflowExecution(TerminateWorkflowExecutionRequest.newBuilder()
                        .setNamespace(namespace)
                        .setWorkflowExecution(execution(run, runId))
                        .setReason(reason)
                        .build());
    }

    /** The report of a run that has ended. */
    RunReport report(RunHead run) {
        return result(run.name(), run.runId(), RunReport.class, CALL)
                .orElseThrow(() -> Status.DEADLINE_EXCEEDED.asRuntimeException());
    }

    /**
     * Waits for the end of a workflow.
     *
     * @return empty when it has not ended in time
     * @throws CliFailure when it ended otherwise than with a result
     */
    <T> Optional<T> result(String run, String runId, Class<T> type, Duration patience) {
        GetWorkflowExecutionHistoryRequest.Builder request = GetWorkflowExecutionHistoryRequest.newBuilder()
                .setNamespace(namespace)
                .setExecution(execution(run, runId))
                .setWaitNewEvent(true)
                .setHistoryEventFilterType(HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT);
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            if (left.isNegative() || left.isZero()) {
                return Optional.empty();
            }
            try {
                var answer = call(left).getWorkflowExecutionHistory(request.build());
                if (answer.getHistory().getEventsCount() > 0) {
                    return Optional.of(resultOf(run, answer.getHistory().getEvents(0), type));
                }
                request.setNextPageToken(answer.getNextPageToken());
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
                    throw e;
                }
            }
        }
    }

    private <T> T resultOf(String run, HistoryEvent end, Class<T> type) {
        if (end.hasWorkflowExecutionCompletedEventAttributes()) {
            return wire.decode(
                    end.getWorkflowExecutionCompletedEventAttributes().getResult(), type);
        }
        if (end.hasWorkflowExecutionFailedEventAttributes()) {
            throw wire.failure(end.getWorkflowExecutionFailedEventAttributes().getFailure());
        }
        throw new CliFailure(
                ExitCode.FAILED,
                ENDED_FROM_OUTSIDE,
                "the run " + run + " was ended from outside and left no report",
                "look at it in Temporal's own user interface");
    }

    /** {@link Updates#send}. */
    Optional<RunStatus> update(RunHead run, String name, Object argument, Duration patience) {
        return new Updates(this, wire).send(run, name, argument, patience);
    }

    /** {@link Wire#read}. */
    <T> T read(String json, Class<T> type) {
        return wire.read(json, type);
    }

    private static WorkflowExecution execution(String run, String runId) {
        return WorkflowExecution.newBuilder().setWorkflowId(run).setRunId(runId).build();
    }

    @Override
    public void close() {
        close.run();
    }
}
