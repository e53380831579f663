package dev.lifeboat.lab;

import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.runbook.RunMessages;
import dev.lifeboat.workflows.runbook.RunStatus;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflow;
import dev.lifeboat.workflows.runbook.schedule.ScheduledRunInput;
import dev.lifeboat.workflows.runbook.schedule.ScheduledRunWorkflow;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** Looks at runs through Temporal itself, which needs no worker. */
final class TemporalEye implements AutoCloseable {

    private final WorkflowServiceStubs stubs;

    TemporalEye(Lab lab) {
        this.stubs = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(lab.temporal().address())
                .build());
    }

    /** Waits until an activity of this type has begun in this run; a short one may have ended by then. */
    void awaitActivity(String run, String activityType) {
        WorkflowClient client = WorkflowClient.newInstance(stubs);
        Awaitility.await("activity " + activityType + " of " + run)
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> client.fetchHistory(run).getHistory().getEventsList().stream()
                        .filter(HistoryEvent::hasActivityTaskScheduledEventAttributes)
                        .anyMatch(event -> event.getActivityTaskScheduledEventAttributes()
                                .getActivityType()
                                .getName()
                                .equals(activityType)));
    }

    /** Whether an activity of this type has been done in this run. */
    boolean isDone(String run, String activityType) {
        List<HistoryEvent> events =
                WorkflowClient.newInstance(stubs).fetchHistory(run).getHistory().getEventsList();
        Set<Long> scheduled = events.stream()
                .filter(event -> event.getActivityTaskScheduledEventAttributes()
                        .getActivityType()
                        .getName()
                        .equals(activityType))
                .map(HistoryEvent::getEventId)
                .collect(Collectors.toSet());
        return events.stream()
                .filter(HistoryEvent::hasActivityTaskCompletedEventAttributes)
                .anyMatch(event -> scheduled.contains(
                        event.getActivityTaskCompletedEventAttributes().getScheduledEventId()));
    }

    /** Waits until an activity of this type has failed in this run and is tried again. */
    void awaitNextAttempt(String run, String activityType, Duration limit) {
        Awaitility.await("another attempt of " + activityType + " of " + run)
                .atMost(limit)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> describe(run).stream()
                        .flatMap(description -> description.getPendingActivitiesList().stream())
                        .anyMatch(pending ->
                                pending.getActivityType().getName().equals(activityType) && pending.getAttempt() > 1));
    }

    /** Waits until the run asks a person for a decision after a failed step, and returns what it asks. */
    RunStatus.WaitingFor awaitDecision(String run, Duration limit) {
        return awaitDecision(run, limit, "");
    }

    /** The same, of a question that has this word in it: an answer takes a moment to be taken. */
    RunStatus.WaitingFor awaitDecision(String run, Duration limit, String word) {
        return awaitQuestion(run, limit, "decision", word);
    }

    /** Waits until the run asks for approval. */
    void awaitApproval(String run, Duration limit) {
        awaitQuestion(run, limit, "approval", "");
    }

    private RunStatus.WaitingFor awaitQuestion(String run, Duration limit, String kind, String word) {
        WorkflowClient client = WorkflowClient.newInstance(
                stubs,
                WorkflowClientOptions.newBuilder()
                        .setDataConverter(PayloadMapper.dataConverter())
                        .build());
        RunMessages messages = client.newWorkflowStub(PitrRecoveryWorkflow.class, run);
        return Awaitility.await("a question of " + run + " for " + kind + " " + word)
                .atMost(limit)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(
                        () -> messages.status().waitingFor(),
                        asked -> asked != null
                                && asked.kind().equals(kind)
                                && asked.question().contains(word));
    }

    /** Waits until the run is closed. */
    void awaitEnd(String run, Duration limit) {
        Awaitility.await("end of " + run)
                .atMost(limit)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> describe(run)
                        .map(description ->
                                description.getWorkflowExecutionInfo().getStatus())
                        .filter(status -> status != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING)
                        .isPresent());
    }

    /** Starts what a schedule would: a question to a cluster that nobody serves, which stays open for ten seconds. */
    void startAsASchedule(String id, String run) {
        WorkflowClient client = WorkflowClient.newInstance(
                stubs,
                WorkflowClientOptions.newBuilder()
                        .setDataConverter(PayloadMapper.dataConverter())
                        .build());
        client.newWorkflowStub(
                        ScheduledRunWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(id)
                                .setTaskQueue(TaskQueues.RUNBOOKS)
                                .build())
                .start(new ScheduledRunInput(
                        "inquiry",
                        InquiryWorkflow.TYPE,
                        run,
                        "in a test",
                        PayloadMapper.json().valueToTree(Map.of("kind", "backups", "cluster", "nobody"))));
    }

    /** The whole history as JSON. */
    String history(String run) {
        return WorkflowClient.newInstance(stubs).fetchHistory(run).toJson(false);
    }

    private Optional<DescribeWorkflowExecutionResponse> describe(String run) {
        try {
            return Optional.of(stubs.blockingStub()
                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                    .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                            .setNamespace("default")
                            .setExecution(WorkflowExecution.newBuilder().setWorkflowId(run))
                            .build()));
        } catch (StatusRuntimeException e) {
            // Not begun yet, or the server is away for a moment.
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        stubs.shutdownNow();
    }
}
