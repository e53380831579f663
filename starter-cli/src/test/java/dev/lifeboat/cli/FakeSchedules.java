package dev.lifeboat.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.runbook.schedule.ScheduledStart;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.temporal.api.common.v1.Memo;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.common.v1.WorkflowType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.history.v1.History;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.history.v1.WorkflowExecutionCompletedEventAttributes;
import io.temporal.api.schedule.v1.Schedule;
import io.temporal.api.schedule.v1.ScheduleActionResult;
import io.temporal.api.schedule.v1.ScheduleInfo;
import io.temporal.api.schedule.v1.ScheduleListEntry;
import io.temporal.api.schedule.v1.ScheduleListInfo;
import io.temporal.api.schedule.v1.SchedulePatch;
import io.temporal.api.schedule.v1.ScheduleState;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.CreateScheduleRequest;
import io.temporal.api.workflowservice.v1.CreateScheduleResponse;
import io.temporal.api.workflowservice.v1.DeleteScheduleRequest;
import io.temporal.api.workflowservice.v1.DeleteScheduleResponse;
import io.temporal.api.workflowservice.v1.DescribeScheduleRequest;
import io.temporal.api.workflowservice.v1.DescribeScheduleResponse;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import io.temporal.api.workflowservice.v1.GetSystemInfoResponse;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryResponse;
import io.temporal.api.workflowservice.v1.ListSchedulesRequest;
import io.temporal.api.workflowservice.v1.ListSchedulesResponse;
import io.temporal.api.workflowservice.v1.PatchScheduleRequest;
import io.temporal.api.workflowservice.v1.PatchScheduleResponse;
import io.temporal.api.workflowservice.v1.StartWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.StartWorkflowExecutionResponse;
import io.temporal.api.workflowservice.v1.UpdateScheduleRequest;
import io.temporal.api.workflowservice.v1.UpdateScheduleResponse;
import io.temporal.api.workflowservice.v1.WorkflowServiceGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A Temporal server that has nothing but schedules, which never start by themselves; {@code ScheduleIT} shows that a real
 * one answers like it.
 */
final class FakeSchedules extends WorkflowServiceGrpc.WorkflowServiceImplBase implements AutoCloseable {

    static final Instant NEXT = Instant.parse("2030-01-01T01:30:00Z");

    private static final long TOKENS = 1;

    /** @param token changes with every change */
    record Held(Schedule schedule, Memo memo, List<ScheduleActionResult> starts, long token) {
        Held with(Schedule changed) {
            return new Held(changed, memo, starts, token + TOKENS);
        }
    }

    final Map<String, Held> held = new ConcurrentSkipListMap<>();
    /** What was asked for, but for questions. */
    final List<String> changes = new CopyOnWriteArrayList<>();
    /** Runs that are open. */
    final Map<String, Instant> open = new ConcurrentHashMap<>();
    /** What the next starts come to. */
    volatile boolean starts = true;

    private final Server server;

    FakeSchedules() {
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .addService(this)
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Held held(String id) {
        return Objects.requireNonNull(held.get(id), id);
    }

    Gateway gateway() {
        return Connection.open(
                new LifeboatConfig.Temporal("127.0.0.1:" + server.getPort(), "default", null, null, true), Map.of());
    }

    /** The client asks it before its first call. */
    @Override
    public void getSystemInfo(GetSystemInfoRequest request, StreamObserver<GetSystemInfoResponse> to) {
        answer(to, GetSystemInfoResponse.getDefaultInstance());
    }

    @Override
    public void createSchedule(CreateScheduleRequest request, StreamObserver<CreateScheduleResponse> to) {
        changes.add("create " + request.getScheduleId());
        held.put(request.getScheduleId(), new Held(request.getSchedule(), request.getMemo(), List.of(), TOKENS));
        answer(to, CreateScheduleResponse.getDefaultInstance());
    }

    @Override
    public void updateSchedule(UpdateScheduleRequest request, StreamObserver<UpdateScheduleResponse> to) {
        changes.add("update " + request.getScheduleId());
        Held before = held.get(request.getScheduleId());
        if (before == null || !request.getConflictToken().equals(token(before))) {
            to.onError(Status.FAILED_PRECONDITION
                    .withDescription("mismatched conflict token")
                    .asRuntimeException());
            return;
        }
        held.put(request.getScheduleId(), before.with(request.getSchedule()));
        answer(to, UpdateScheduleResponse.getDefaultInstance());
    }

    @Override
    public void deleteSchedule(DeleteScheduleRequest request, StreamObserver<DeleteScheduleResponse> to) {
        changes.add("delete " + request.getScheduleId());
        held.remove(request.getScheduleId());
        answer(to, DeleteScheduleResponse.getDefaultInstance());
    }

    @Override
    public void patchSchedule(PatchScheduleRequest request, StreamObserver<PatchScheduleResponse> to) {
        String id = request.getScheduleId();
        SchedulePatch patch = request.getPatch();
        Held before = held(id);
        if (patch.hasTriggerImmediately()) {
            changes.add("trigger " + id);
            held.put(id, started(id, before));
        } else {
            boolean pauses = !patch.getPause().isEmpty();
            changes.add((pauses ? "pause " : "resume ") + id);
            held.put(
                    id,
                    before.with(before.schedule().toBuilder()
                            .setState(ScheduleState.newBuilder()
                                    .setPaused(pauses)
                                    .setNotes(pauses ? patch.getPause() : patch.getUnpause()))
                            .build()));
        }
        answer(to, PatchScheduleResponse.getDefaultInstance());
    }

    private static Held started(String id, Held before) {
        List<ScheduleActionResult> starts = new ArrayList<>(before.starts());
        starts.add(ScheduleActionResult.newBuilder()
                .setActualTime(time(Instant.now()))
                .setStartWorkflowResult(WorkflowExecution.newBuilder()
                        .setWorkflowId("scheduled/" + id + "-" + starts.size())
                        .setRunId("start-" + starts.size()))
                .build());
        return new Held(before.schedule(), before.memo(), starts, before.token());
    }

    @Override
    public void describeSchedule(DescribeScheduleRequest request, StreamObserver<DescribeScheduleResponse> to) {
        Held there = held.get(request.getScheduleId());
        if (there == null) {
            to.onError(Status.NOT_FOUND.withDescription("schedule not found").asRuntimeException());
            return;
        }
        answer(
                to,
                DescribeScheduleResponse.newBuilder()
                        .setSchedule(there.schedule())
                        .setMemo(there.memo())
                        .setInfo(ScheduleInfo.newBuilder()
                                .addAllRecentActions(there.starts())
                                .addFutureActionTimes(time(NEXT)))
                        .setConflictToken(token(there))
                        .build());
    }

    @Override
    public void listSchedules(ListSchedulesRequest request, StreamObserver<ListSchedulesResponse> to) {
        ListSchedulesResponse.Builder answer = ListSchedulesResponse.newBuilder();
        held.forEach((id, each) -> answer.addSchedules(ScheduleListEntry.newBuilder()
                .setScheduleId(id)
                .setMemo(each.memo())
                .setInfo(ScheduleListInfo.newBuilder()
                        .setPaused(each.schedule().getState().getPaused())
                        .setNotes(each.schedule().getState().getNotes())
                        .addFutureActionTimes(time(NEXT)))));
        answer(to, answer.build());
    }

    @Override
    public void describeWorkflowExecution(
            DescribeWorkflowExecutionRequest request, StreamObserver<DescribeWorkflowExecutionResponse> to) {
        String id = request.getExecution().getWorkflowId();
        Instant since = open.get(id);
        boolean start = id.startsWith("scheduled/");
        if (since == null && !start) {
            to.onError(Status.NOT_FOUND.withDescription("workflow not found").asRuntimeException());
            return;
        }
        answer(
                to,
                DescribeWorkflowExecutionResponse.newBuilder()
                        .setWorkflowExecutionInfo(WorkflowExecutionInfo.newBuilder()
                                .setExecution(request.getExecution())
                                .setType(WorkflowType.newBuilder().setName("any"))
                                .setStartTime(time(since == null ? Instant.now() : since))
                                .setStatus(
                                        start
                                                ? WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED
                                                : WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING))
                        .build());
    }

    @Override
    public void getWorkflowExecutionHistory(
            GetWorkflowExecutionHistoryRequest request, StreamObserver<GetWorkflowExecutionHistoryResponse> to) {
        ScheduledStart result = starts
                ? new ScheduledStart("base-backup", "base-backup/main", true, "0192-run", "")
                : new ScheduledStart("base-backup", "base-backup/main", false, null, "a run of that name was open");
        answer(
                to,
                GetWorkflowExecutionHistoryResponse.newBuilder()
                        .setHistory(History.newBuilder()
                                .addEvents(HistoryEvent.newBuilder()
                                        .setWorkflowExecutionCompletedEventAttributes(
                                                WorkflowExecutionCompletedEventAttributes.newBuilder()
                                                        .setResult(PayloadMapper.dataConverter()
                                                                .toPayloads(result)
                                                                .orElseThrow()))))
                        .build());
    }

    /** Questions to a worker, which the history then answers with nothing of use. */
    @Override
    public void startWorkflowExecution(
            StartWorkflowExecutionRequest request, StreamObserver<StartWorkflowExecutionResponse> to) {
        answer(to, StartWorkflowExecutionResponse.newBuilder().setRunId("1").build());
    }

    private static ByteString token(Held held) {
        return ByteString.copyFromUtf8("token-" + held.token());
    }

    private static Timestamp time(Instant time) {
        return Timestamp.newBuilder().setSeconds(time.getEpochSecond()).build();
    }

    private static <T> void answer(StreamObserver<T> to, T answer) {
        to.onNext(answer);
        to.onCompleted();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
