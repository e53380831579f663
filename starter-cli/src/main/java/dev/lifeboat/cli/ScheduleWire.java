package dev.lifeboat.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.lifeboat.config.Cron;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.runbook.schedule.ScheduledRunWorkflow;
import io.temporal.api.common.v1.Memo;
import io.temporal.api.common.v1.Payload;
import io.temporal.api.common.v1.WorkflowType;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.api.schedule.v1.Range;
import io.temporal.api.schedule.v1.Schedule;
import io.temporal.api.schedule.v1.ScheduleAction;
import io.temporal.api.schedule.v1.ScheduleActionResult;
import io.temporal.api.schedule.v1.SchedulePolicies;
import io.temporal.api.schedule.v1.ScheduleSpec;
import io.temporal.api.schedule.v1.ScheduleState;
import io.temporal.api.schedule.v1.StructuredCalendarSpec;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflow.v1.NewWorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeScheduleResponse;
import io.temporal.common.converter.DataConverter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Schedules as Temporal's API carries them. */
record ScheduleWire(DataConverter converter) {

    /** Whose it is; kept beside the schedule, where Temporal's user interface shows it too. */
    static final String OWNER = "lifeboat-platform";

    private static final String UTC = "UTC";

    Memo owner(String platform) {
        return Memo.newBuilder()
                .putFields(OWNER, converter.toPayload(platform).orElseThrow())
                .build();
    }

    @Nullable String ownerIn(Memo memo) {
        Payload payload = memo.getFieldsMap().get(OWNER);
        return payload == null ? null : converter.fromPayload(payload, String.class, String.class);
    }

    Schedule schedule(WantedSchedule wanted, boolean paused, String note) {
        ScheduleForm form = wanted.form();
        NewWorkflowExecutionInfo.Builder start = NewWorkflowExecutionInfo.newBuilder()
                .setWorkflowId(ScheduledRunWorkflow.idOf(wanted.id()))
                .setWorkflowType(WorkflowType.newBuilder().setName(ScheduledRunWorkflow.TYPE))
                .setTaskQueue(TaskQueue.newBuilder().setName(TaskQueues.RUNBOOKS))
                .setWorkflowExecutionTimeout(duration(form.limit()));
        converter.toPayloads(form.start()).ifPresent(start::setInput);
        return Schedule.newBuilder()
                .setSpec(spec(form))
                .setAction(ScheduleAction.newBuilder().setStartWorkflow(start))
                .setPolicies(SchedulePolicies.newBuilder()
                        .setOverlapPolicy(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP)
                        .setCatchupWindow(duration(form.catchUp())))
                .setState(ScheduleState.newBuilder().setPaused(paused).setNotes(note))
                .build();
    }

    private static ScheduleSpec spec(ScheduleForm form) {
        Cron cron = java.util.Objects.requireNonNull(form.cron());
        return ScheduleSpec.newBuilder()
                .addStructuredCalendar(StructuredCalendarSpec.newBuilder()
                        .addSecond(Range.newBuilder().setStart(0).setEnd(0).setStep(1))
                        .addAllMinute(ranges(cron, Cron.Field.MINUTE))
                        .addAllHour(ranges(cron, Cron.Field.HOUR))
                        .addAllDayOfMonth(ranges(cron, Cron.Field.DAY_OF_MONTH))
                        .addAllMonth(ranges(cron, Cron.Field.MONTH))
                        .addAllDayOfWeek(ranges(cron, Cron.Field.DAY_OF_WEEK))
                        .setComment(cron.toString()))
                .setTimezoneName(UTC)
                .setJitter(duration(form.jitter()))
                .build();
    }

    private static List<Range> ranges(Cron cron, Cron.Field field) {
        return cron.steps(field).stream()
                .map(steps -> Range.newBuilder()
                        .setStart(steps.first())
                        .setEnd(steps.last())
                        .setStep(steps.step())
                        .build())
                .toList();
    }

    FoundSchedule found(String id, DescribeScheduleResponse answer) {
        Schedule schedule = answer.getSchedule();
        return new FoundSchedule(
                id,
                ownerIn(answer.getMemo()),
                form(schedule),
                schedule.getState().getPaused(),
                schedule.getState().getNotes(),
                instants(answer.getInfo().getFutureActionTimesList()),
                answer.getInfo().getRecentActionsList().stream()
                        .filter(ScheduleActionResult::hasStartWorkflowResult)
                        .map(ScheduleWire::start)
                        .toList(),
                instant(
                        answer.getInfo().hasUpdateTime()
                                ? answer.getInfo().getUpdateTime()
                                : answer.getInfo().getCreateTime()),
                answer.getConflictToken());
    }

    private static FoundSchedule.Start start(ScheduleActionResult result) {
        return new FoundSchedule.Start(
                instant(result.getActualTime()),
                new RunRef(
                        result.getStartWorkflowResult().getWorkflowId(),
                        result.getStartWorkflowResult().getRunId()));
    }

    private ScheduleForm form(Schedule schedule) {
        NewWorkflowExecutionInfo start = schedule.getAction().getStartWorkflow();
        return new ScheduleForm(
                cron(schedule.getSpec()),
                duration(schedule.getSpec().getJitter()),
                duration(schedule.getPolicies().getCatchupWindow()),
                duration(start.getWorkflowExecutionTimeout()),
                input(start),
                foreign(schedule));
    }

    private JsonNode input(NewWorkflowExecutionInfo start) {
        try {
            return start.getInput().getPayloadsCount() == 1
                    ? converter.fromPayload(start.getInput().getPayloads(0), JsonNode.class, JsonNode.class)
                    : MissingNode.getInstance();
        } catch (RuntimeException e) {
            // Nothing that Lifeboat wrote; what is there is replaced as a whole.
            return MissingNode.getInstance();
        }
    }

    /** What Lifeboat never sets, so that a change by hand is seen and undone. */
    private static List<String> foreign(Schedule schedule) {
        List<String> foreign = new ArrayList<>();
        ScheduleSpec spec = schedule.getSpec();
        NewWorkflowExecutionInfo start = schedule.getAction().getStartWorkflow();
        note(foreign, spec.getIntervalCount() > 0, "intervals");
        note(foreign, spec.getStructuredCalendarCount() > 1, "more than one calendar");
        note(foreign, spec.getExcludeStructuredCalendarCount() > 0, "times that are left out");
        note(foreign, spec.hasStartTime() || spec.hasEndTime(), "a first or last day");
        note(foreign, !spec.getTimezoneName().equals(UTC), "time zone '" + spec.getTimezoneName() + "'");
        note(foreign, schedule.getState().getLimitedActions(), "a limited number of starts");
        note(foreign, schedule.getPolicies().getPauseOnFailure(), "a pause on failure");
        note(
                foreign,
                schedule.getPolicies().getOverlapPolicy() != ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP,
                "another rule for overlaps");
        note(
                foreign,
                !start.getWorkflowType().getName().equals(ScheduledRunWorkflow.TYPE)
                        || !start.getTaskQueue().getName().equals(TaskQueues.RUNBOOKS),
                "a start of '" + start.getWorkflowType().getName() + "'");
        return foreign;
    }

    private static void note(List<String> foreign, boolean there, String what) {
        if (there) {
            foreign.add(what);
        }
    }

    private static @Nullable Cron cron(ScheduleSpec spec) {
        if (spec.getStructuredCalendarCount() != 1) {
            return null;
        }
        StructuredCalendarSpec calendar = spec.getStructuredCalendar(0);
        if (calendar.getYearCount() > 0 || !values(calendar.getSecondList()).equals(new TreeSet<>(List.of(0)))) {
            return null;
        }
        Map<Cron.Field, NavigableSet<Integer>> fields = new EnumMap<>(Cron.Field.class);
        fields.put(Cron.Field.MINUTE, values(calendar.getMinuteList()));
        fields.put(Cron.Field.HOUR, values(calendar.getHourList()));
        fields.put(Cron.Field.DAY_OF_MONTH, values(calendar.getDayOfMonthList()));
        fields.put(Cron.Field.MONTH, values(calendar.getMonthList()));
        fields.put(Cron.Field.DAY_OF_WEEK, values(calendar.getDayOfWeekList()));
        return new Cron(fields);
    }

    private static NavigableSet<Integer> values(List<Range> ranges) {
        NavigableSet<Integer> values = new TreeSet<>();
        for (Range range : ranges) {
            for (int value = range.getStart();
                    value <= Math.max(range.getStart(), range.getEnd());
                    value += Math.max(1, range.getStep())) {
                values.add(value);
            }
        }
        return values;
    }

    static List<Instant> instants(List<Timestamp> times) {
        return times.stream().map(ScheduleWire::instant).toList();
    }

    private static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    private static Duration duration(java.time.Duration duration) {
        return Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    private static java.time.Duration duration(Duration duration) {
        return java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }
}
