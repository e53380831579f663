package dev.lifeboat.config;

import dev.lifeboat.config.LifeboatConfig.Schedule;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One entry of {@code schedules:}. */
final class ScheduleSection {

    private static final Duration CATCH_UP = Duration.ofHours(6);

    private ScheduleSection() {}

    static Schedule read(Section section) {
        section.allows(List.of("runbook", "cluster", "cron", "jitter", "catch-up", "inputs", "paused"), List.of());
        return new Schedule(
                section.required("runbook"),
                section.required("cluster"),
                section.required("cron"),
                section.duration("jitter", Duration.ZERO),
                section.duration("catch-up", CATCH_UP),
                section.section("inputs").map(Section::literals).orElse(Map.of()),
                section.optional("paused"));
    }
}
