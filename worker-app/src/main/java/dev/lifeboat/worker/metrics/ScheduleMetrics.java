package dev.lifeboat.worker.metrics;

import dev.lifeboat.config.Cron;
import dev.lifeboat.config.LifeboatConfig.Schedule;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When each configured schedule should last have started a run, computed anew for each scrape from the configuration alone:
 * it is there when Temporal is not, and when nobody has brought the schedules to it.
 */
final class ScheduleMetrics {

    private ScheduleMetrics() {}

    static void register(MeterRegistry registry, List<Schedule> schedules, Clock clock) {
        for (Schedule schedule : schedules) {
            if (schedule.paused() == null) {
                Cron cron = Cron.parse(schedule.cron());
                Gauge.builder(
                                "lifeboat.schedule.due.timestamp.seconds",
                                () -> Values.seconds(
                                        due(cron, schedule, clock.instant()).orElse(null)))
                        .tag("runbook", schedule.runbook())
                        .tag("run", schedule.id())
                        .register(registry);
            }
        }
    }

    /** The last start that nothing can make up for any more. */
    static Optional<Instant> due(Cron cron, Schedule schedule, Instant now) {
        return cron.previous(now.minus(schedule.jitter()).minus(schedule.catchUp()));
    }
}
