package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunStatus;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.PendingActivityState;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.api.query.v1.WorkflowQuery;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.api.workflowservice.v1.QueryWorkflowRequest;
import io.temporal.api.workflowservice.v1.QueryWorkflowResponse;
import io.temporal.api.workflowservice.v1.WorkflowServiceGrpc;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowTargetOptions;
import io.temporal.common.converter.DataConverter;
import io.temporal.serviceclient.WorkflowServiceStubs;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The tool's one way to Temporal. Every call has a deadline of its own: the person in front of it must not wait for
 * what the server, or a worker, does not answer.
 */
final class Gateway implements AutoCloseable {

    private static final Duration CALL = Duration.ofSeconds(5);

    private final WorkflowServiceStubs stubs;
    private final Runnable close;
    private final String namespace;
    private final DataConverter converter = PayloadMapper.dataConverter();
    private @Nullable WorkflowClient client;

    /** @param close what ends the connection */
    Gateway(WorkflowServiceStubs stubs, String namespace, Runnable close) {
        this.stubs = stubs;
        this.close = close;
        this.namespace = namespace;
    }

    /** What Temporal knows of the run; empty when it never knew it or has forgotten it. */
    Optional<RunHead> head(RunRef run) {
        WorkflowExecution.Builder execution = WorkflowExecution.newBuilder().setWorkflowId(run.name());
        if (run.runId() != null) {
            execution.setRunId(run.runId());
        }
        try {
            DescribeWorkflowExecutionResponse answer = call(CALL)
                    .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                            .setNamespace(namespace)
                            .setExecution(execution)
                            .build());
            return Optional.of(headOf(answer));
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
        QueryWorkflowResponse answer = call(patience)
                .queryWorkflow(QueryWorkflowRequest.newBuilder()
                        .setNamespace(namespace)
                        .setExecution(execution(run))
                        .setQuery(WorkflowQuery.newBuilder().setQueryType("status"))
                        .build());
        return decode(answer.getQueryResult(), RunStatus.class)
                .orElseThrow(() -> new CliFailure(
                        ExitCode.FAILED,
                        "NO_STATUS",
                        "the run " + run.name() + " gave no status",
                        "look at it in Temporal's own user interface"));
    }

    /** Waits for the report of a run that has ended, or will in a moment. */
    RunReport result(RunHead run) {
        return stub(run.name(), run.runId()).getResult(RunReport.class);
    }

    /** @return the run id */
    String start(String type, String run, Duration limit, String summary, Object input) {
        WorkflowOptions.Builder options = WorkflowOptions.newBuilder()
                .setTaskQueue(TaskQueues.RUNBOOKS)
                .setWorkflowId(run)
                .setStaticSummary(summary)
                .setWorkflowIdConflictPolicy(WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_FAIL);
        if (!limit.isZero()) {
            options.setWorkflowExecutionTimeout(limit);
        }
        return client().newUntypedWorkflowStub(type, options.build())
                .start(input)
                .getRunId();
    }

    WorkflowStub stub(String run, String runId) {
        return client().newUntypedWorkflowStub(WorkflowTargetOptions.newBuilder()
                .setWorkflowId(run)
                .setRunId(runId)
                .build());
    }

    WorkflowServiceGrpc.WorkflowServiceBlockingStub call(Duration patience) {
        return stubs.blockingStub().withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    String namespace() {
        return namespace;
    }

    private synchronized WorkflowClient client() {
        if (client == null) {
            client = WorkflowClient.newInstance(
                    stubs,
                    WorkflowClientOptions.newBuilder()
                            .setNamespace(namespace)
                            .setDataConverter(converter)
                            .setIdentity("lifeboat@" + Surroundings.hostName())
                            .build());
        }
        return client;
    }

    private <T> Optional<T> decode(Payloads payloads, Class<T> type) {
        return payloads.getPayloadsCount() == 0
                ? Optional.empty()
                : Optional.ofNullable(converter.fromPayload(payloads.getPayloads(0), type, type));
    }

    private static WorkflowExecution execution(RunHead run) {
        return WorkflowExecution.newBuilder()
                .setWorkflowId(run.name())
                .setRunId(run.runId())
                .build();
    }

    private RunHead headOf(DescribeWorkflowExecutionResponse answer) {
        WorkflowExecutionInfo info = answer.getWorkflowExecutionInfo();
        return headOf(
                info,
                answer.getPendingActivitiesList().stream()
                        .findFirst()
                        .map(this::activityOf)
                        .orElse(null));
    }

    static RunHead headOf(WorkflowExecutionInfo info, RunHead.@Nullable ActivityHead activity) {
        return new RunHead(
                info.getExecution().getWorkflowId(),
                info.getExecution().getRunId(),
                info.getType().getName(),
                info.getStatus(),
                Instant.ofEpochSecond(
                        info.getStartTime().getSeconds(), info.getStartTime().getNanos()),
                info.hasCloseTime() && info.getCloseTime().getSeconds() > 0
                        ? Instant.ofEpochSecond(
                                info.getCloseTime().getSeconds(),
                                info.getCloseTime().getNanos())
                        : null,
                activity);
    }

    private RunHead.ActivityHead activityOf(PendingActivityInfo info) {
        return new RunHead.ActivityHead(
                info.getActivityType().getName(),
                info.getAttempt(),
                info.getState() != PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED,
                info.hasHeartbeatDetails() ? progressOf(info) : null,
                info.hasLastFailure() ? info.getLastFailure().getMessage() : null);
    }

    private @Nullable Progress progressOf(PendingActivityInfo info) {
        try {
            return decode(info.getHeartbeatDetails(), Progress.class).orElse(null);
        } catch (RuntimeException e) {
            // Only for people to watch; what an older or newer worker writes there is no reason to stop watching.
            return null;
        }
    }

    @Override
    public void close() {
        close.run();
    }
}
