package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig.Schedule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * When the schedules of the configuration start next, by one search in Temporal.
 *
 * @param schedules the configured ones
 * @param listed    what Temporal has of this platform; null where it could not be asked
 */
record NextRuns(List<Schedule> schedules, @Nullable Map<String, ScheduleGateway.Listed> listed) {

    static final NextRuns NONE = new NextRuns(List.of(), Map.of());

    static NextRuns look(Tool tool) {
        List<Schedule> schedules = tool.config().schedules();
        if (schedules.isEmpty()) {
            return NONE;
        }
        try {
            return new NextRuns(
                    schedules,
                    new ScheduleGateway(tool)
                            .listed().stream()
                                    .collect(Collectors.toMap(
                                            ScheduleGateway.Listed::id, Function.identity(), (one, other) -> one)));
        } catch (CliFailure e) {
            if (!e.code().equals(ScheduleGateway.NO_SCHEDULES)) {
                throw e;
            }
            tool.say("lifeboat: next runs are not shown: " + e.getMessage());
            return new NextRuns(schedules, null);
        }
    }

    /** The soonest; null where none is to come. */
    @Nullable Instant next(String runbook) {
        return of(runbook).stream()
                .map(this::listedAs)
                .filter(Objects::nonNull)
                .filter(each -> !each.paused())
                .map(ScheduleGateway.Listed::next)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(null);
    }

    String words(String runbook) {
        Instant next = next(runbook);
        if (next != null) {
            return Words.utc(next);
        }
        List<Schedule> of = of(runbook);
        if (of.isEmpty()) {
            return "not scheduled";
        }
        if (listed == null) {
            return "unknown";
        }
        boolean paused = of.stream().map(this::listedAs).anyMatch(each -> each != null && each.paused());
        return paused ? "paused" : "not synced";
    }

    List<Map<String, Object>> documents(String runbook) {
        List<Map<String, Object>> documents = new ArrayList<>();
        for (Schedule schedule : of(runbook)) {
            ScheduleGateway.Listed there = listedAs(schedule);
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("id", schedule.id());
            document.put("cron", schedule.cron());
            document.put("nextRun", there == null || there.paused() ? null : there.next());
            document.put("paused", there != null && there.paused());
            document.put("note", there == null ? "" : there.note());
            documents.add(document);
        }
        return documents;
    }

    private List<Schedule> of(String runbook) {
        return schedules.stream()
                .filter(schedule -> schedule.runbook().equals(runbook))
                .toList();
    }

    private ScheduleGateway.@Nullable Listed listedAs(Schedule schedule) {
        return listed == null ? null : listed.get(schedule.id());
    }
}
