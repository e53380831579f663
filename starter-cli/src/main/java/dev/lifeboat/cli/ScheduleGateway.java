package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.PayloadMapper;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.api.schedule.v1.ScheduleListEntry;
import io.temporal.api.schedule.v1.SchedulePatch;
import io.temporal.api.schedule.v1.TriggerImmediatelyRequest;
import io.temporal.api.workflowservice.v1.CreateScheduleRequest;
import io.temporal.api.workflowservice.v1.DeleteScheduleRequest;
import io.temporal.api.workflowservice.v1.DescribeScheduleRequest;
import io.temporal.api.workflowservice.v1.ListSchedulesRequest;
import io.temporal.api.workflowservice.v1.ListSchedulesResponse;
import io.temporal.api.workflowservice.v1.PatchScheduleRequest;
import io.temporal.api.workflowservice.v1.UpdateScheduleRequest;
import io.temporal.api.workflowservice.v1.WorkflowServiceGrpc.WorkflowServiceBlockingStub;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Temporal's schedules. A server that has none, as the one for tests, says so in a sentence. */
final class ScheduleGateway {

    static final String NO_SCHEDULES = "NO_SCHEDULES";

    private static final Duration CALL = Duration.ofSeconds(10);
    private static final int PAGE = 500;

    private final Gateway gateway;
    private final String platform;
    private final ScheduleWire wire = new ScheduleWire(PayloadMapper.dataConverter());

    ScheduleGateway(Tool tool) {
        this.gateway = tool.gateway();
        this.platform = tool.config().platform();
    }

    /** What a search tells of a schedule; it may be some moments old. */
    record Listed(String id, boolean paused, String note, @Nullable Instant next) {}

    /** Those of this platform. */
    List<Listed> listed() {
        List<Listed> found = new ArrayList<>();
        ListSchedulesRequest.Builder request = ListSchedulesRequest.newBuilder()
                .setNamespace(gateway.namespace())
                .setMaximumPageSize(PAGE);
        do {
            ListSchedulesResponse answer = ask(stub -> stub.listSchedules(request.build()));
            answer.getSchedulesList().stream()
                    .filter(entry -> platform.equals(wire.ownerIn(entry.getMemo())))
                    .map(ScheduleGateway::listed)
                    .forEach(found::add);
            request.setNextPageToken(answer.getNextPageToken());
        } while (!request.getNextPageToken().isEmpty());
        return found;
    }

    private static Listed listed(ScheduleListEntry entry) {
        List<Instant> next = ScheduleWire.instants(entry.getInfo().getFutureActionTimesList());
        return new Listed(
                entry.getScheduleId(),
                entry.getInfo().getPaused(),
                entry.getInfo().getNotes(),
                next.isEmpty() ? null : next.get(0));
    }

    /** Empty when there is none of this id. */
    Optional<FoundSchedule> find(String id) {
        try {
            return Optional.of(wire.found(
                    id,
                    ask(stub -> stub.describeSchedule(DescribeScheduleRequest.newBuilder()
                            .setNamespace(gateway.namespace())
                            .setScheduleId(id)
                            .build()))));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND
                    && !String.valueOf(e.getStatus().getDescription()).startsWith("Namespace")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Every one that has the id of a wanted one, or belongs to this platform. */
    List<FoundSchedule> found(List<WantedSchedule> wanted) {
        List<FoundSchedule> found = new ArrayList<>();
        List<String> ids = wanted.stream().map(WantedSchedule::id).toList();
        ids.forEach(id -> find(id).ifPresent(found::add));
        // A search may still show what was removed a moment ago, so each is looked at.
        listed().stream().map(Listed::id).filter(id -> !ids.contains(id)).forEach(id -> find(id).ifPresent(found::add));
        return found;
    }

    void apply(SyncPlan.Change change) {
        switch (change.kind()) {
            case CREATE -> create(change);
            case CHANGE -> update(change);
            case REMOVE -> remove(change.id());
            case KEEP, REFUSE -> {}
        }
    }

    private void create(SyncPlan.Change change) {
        CreateScheduleRequest request = CreateScheduleRequest.newBuilder()
                .setNamespace(gateway.namespace())
                .setScheduleId(change.id())
                .setSchedule(wire.schedule(
                        java.util.Objects.requireNonNull(change.wanted()), change.paused(), change.note()))
                .setMemo(wire.owner(platform))
                .setIdentity(identity())
                .setRequestId(UUID.randomUUID().toString())
                .build();
        ask(stub -> stub.createSchedule(request));
    }

    private void update(SyncPlan.Change change) {
        FoundSchedule found = java.util.Objects.requireNonNull(change.found());
        UpdateScheduleRequest request = UpdateScheduleRequest.newBuilder()
                .setNamespace(gateway.namespace())
                .setScheduleId(change.id())
                .setSchedule(wire.schedule(
                        java.util.Objects.requireNonNull(change.wanted()), change.paused(), change.note()))
                .setConflictToken(found.token())
                .setIdentity(identity())
                .setRequestId(UUID.randomUUID().toString())
                .build();
        ask(stub -> stub.updateSchedule(request));
    }

    private void remove(String id) {
        ask(stub -> stub.deleteSchedule(DeleteScheduleRequest.newBuilder()
                .setNamespace(gateway.namespace())
                .setScheduleId(id)
                .setIdentity(identity())
                .build()));
    }

    void pause(String id, String note) {
        patch(id, SchedulePatch.newBuilder().setPause(note));
    }

    void resume(String id, String note) {
        patch(id, SchedulePatch.newBuilder().setUnpause(note));
    }

    /** Starts it now, also while it is paused. Whether a run of that name is open is not for Temporal's schedule to say. */
    void trigger(String id) {
        patch(
                id,
                SchedulePatch.newBuilder()
                        .setTriggerImmediately(TriggerImmediatelyRequest.newBuilder()
                                .setOverlapPolicy(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL)));
    }

    private void patch(String id, SchedulePatch.Builder patch) {
        PatchScheduleRequest request = PatchScheduleRequest.newBuilder()
                .setNamespace(gateway.namespace())
                .setScheduleId(id)
                .setPatch(patch)
                .setIdentity(identity())
                .setRequestId(UUID.randomUUID().toString())
                .build();
        ask(stub -> stub.patchSchedule(request));
    }

    private static String identity() {
        return "lifeboat@" + Surroundings.hostName();
    }

    private <T> T ask(Function<WorkflowServiceBlockingStub, T> call) {
        try {
            return call.apply(gateway.call(CALL));
        } catch (StatusRuntimeException e) {
            throw switch (e.getStatus().getCode()) {
                case UNIMPLEMENTED ->
                    new CliFailure(
                            ExitCode.NOT_READY,
                            NO_SCHEDULES,
                            "this Temporal server has no schedules: it is the one in memory, for tests",
                            "name another server in temporal.address; a lab has a real one with './lifeboat lab up"
                                    + " --engine real', after 'engines/install.sh temporal'");
                case FAILED_PRECONDITION, ALREADY_EXISTS ->
                    new CliFailure(
                            ExitCode.NOT_READY,
                            "SCHEDULE_CHANGED",
                            "somebody else changed the schedules meanwhile: "
                                    + e.getStatus().getDescription(),
                            "look at what is there now with 'lifeboat schedule list', then try again");
                case INVALID_ARGUMENT ->
                    new CliFailure(
                            ExitCode.USAGE,
                            "BAD_SCHEDULE",
                            "Temporal refuses the schedule: " + e.getStatus().getDescription(),
                            "correct it below 'schedules:' in the configuration");
                default -> e;
            };
        }
    }
}
