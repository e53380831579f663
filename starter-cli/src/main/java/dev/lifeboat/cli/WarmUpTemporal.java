package dev.lifeboat.cli;

import com.google.protobuf.Timestamp;
import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.workflows.contract.PayloadMapper;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.temporal.api.common.v1.Link;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.history.v1.History;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.history.v1.WorkflowExecutionCompletedEventAttributes;
import io.temporal.api.schedule.v1.Range;
import io.temporal.api.schedule.v1.ScheduleListEntry;
import io.temporal.api.schedule.v1.ScheduleListInfo;
import io.temporal.api.schedule.v1.ScheduleSpec;
import io.temporal.api.schedule.v1.StructuredCalendarSpec;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import io.temporal.api.workflowservice.v1.GetSystemInfoResponse;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryResponse;
import io.temporal.api.workflowservice.v1.ListSchedulesRequest;
import io.temporal.api.workflowservice.v1.ListSchedulesResponse;
import io.temporal.api.workflowservice.v1.StartWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.StartWorkflowExecutionResponse;
import io.temporal.api.workflowservice.v1.WorkflowServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * A Temporal of this process that has the configured schedules, and of each run one that was ended from outside: many of the
 * classes that a command needs are those that read an answer.
 */
final class WarmUpTemporal extends WorkflowServiceGrpc.WorkflowServiceImplBase implements AutoCloseable {

    private static final Timestamp TIME =
            Timestamp.newBuilder().setSeconds(1_700_000_000L).build();

    private final ScheduleWire wire = new ScheduleWire(PayloadMapper.dataConverter());
    private final LifeboatConfig config;
    private final Server server;

    WarmUpTemporal(LifeboatConfig config) throws IOException {
        this.config = config;
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(this)
                .build()
                .start();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void getSystemInfo(GetSystemInfoRequest request, StreamObserver<GetSystemInfoResponse> to) {
        answer(
                to,
                GetSystemInfoResponse.newBuilder()
                        .setCapabilities(
                                GetSystemInfoResponse.Capabilities.newBuilder().setSupportsSchedules(true))
                        .build());
    }

    /** Base backups have never run, which takes the tool through a refusal and to the evidence. */
    @Override
    public void describeWorkflowExecution(
            DescribeWorkflowExecutionRequest request, StreamObserver<DescribeWorkflowExecutionResponse> to) {
        if (request.getExecution().getWorkflowId().startsWith("base-backup/")) {
            to.onError(Status.NOT_FOUND.withDescription("workflow not found").asRuntimeException());
            return;
        }
        answer(
                to,
                DescribeWorkflowExecutionResponse.newBuilder()
                        .setWorkflowExecutionInfo(WorkflowExecutionInfo.newBuilder()
                                .setExecution(request.getExecution())
                                .setStatus(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED)
                                .setStartTime(TIME)
                                .setCloseTime(TIME))
                        .build());
    }

    @Override
    public void startWorkflowExecution(
            StartWorkflowExecutionRequest request, StreamObserver<StartWorkflowExecutionResponse> to) {
        answer(
                to,
                StartWorkflowExecutionResponse.newBuilder()
                        .setRunId("1")
                        .setLink(Link.newBuilder()
                                .setWorkflowEvent(Link.WorkflowEvent.newBuilder()
                                        .setEventRef(Link.WorkflowEvent.EventReference.newBuilder()
                                                .setEventId(1))))
                        .build());
    }

    @Override
    public void getWorkflowExecutionHistory(
            GetWorkflowExecutionHistoryRequest request, StreamObserver<GetWorkflowExecutionHistoryResponse> to) {
        Payloads nothing = PayloadMapper.dataConverter().toPayloads(Map.of()).orElseThrow();
        answer(
                to,
                GetWorkflowExecutionHistoryResponse.newBuilder()
                        .setHistory(History.newBuilder()
                                .addEvents(HistoryEvent.newBuilder()
                                        .setEventType(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED)
                                        .setWorkflowExecutionCompletedEventAttributes(
                                                WorkflowExecutionCompletedEventAttributes.newBuilder()
                                                        .setResult(nothing))))
                        .build());
    }

    @Override
    public void listSchedules(ListSchedulesRequest request, StreamObserver<ListSchedulesResponse> to) {
        ListSchedulesResponse.Builder answer = ListSchedulesResponse.newBuilder();
        config.schedules()
                .forEach(schedule -> answer.addSchedules(ScheduleListEntry.newBuilder()
                        .setScheduleId(schedule.id())
                        .setMemo(wire.owner(config.platform()))
                        .setInfo(ScheduleListInfo.newBuilder()
                                .setSpec(ScheduleSpec.newBuilder()
                                        .addStructuredCalendar(StructuredCalendarSpec.newBuilder()
                                                .addHour(Range.newBuilder().setStart(1))))
                                .addFutureActionTimes(TIME))));
        answer(to, answer.build());
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
