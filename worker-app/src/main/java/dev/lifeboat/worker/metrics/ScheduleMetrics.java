package dev.lifeboat.worker.metrics;

import dev.lifeboat.config.Cron;
import dev.lifeboat.config.LifeboatConfig.Schedule;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * When each configured schedule should last have started a run, computed anew for each scrape from the configuration: it is
 * there when Temporal is not, and when nobody has brought the schedules to it. What lies before the time at which a schedule
 * came to be known was never missed; while that time cannot be read, nothing is left out.
 */
final class ScheduleMetrics implements Runnable {

    private final List<Schedule> schedules;
    private final Function<Schedule, Instant> since;
    private final Map<String, Instant> known = new ConcurrentHashMap<>();

    /** @param since when a schedule came to be known as it is; read in {@link #run} */
    ScheduleMetrics(MeterRegistry registry, List<Schedule> schedules, Clock clock, Function<Schedule, Instant> since) {
        this.schedules =
                schedules.stream().filter(schedule -> schedule.paused() == null).toList();
        this.since = since;
        for (Schedule schedule : this.schedules) {
            Cron cron = Cron.parse(schedule.cron());
            Gauge.builder(
                            "lifeboat.schedule.due.timestamp.seconds",
                            () -> Values.seconds(due(cron, schedule, clock.instant())
                                    .filter(due -> !due.isBefore(known.getOrDefault(schedule.id(), Instant.MIN)))
                                    .orElse(null)))
                    .tag("runbook", schedule.runbook())
                    .tag("run", schedule.id())
                    .register(registry);
        }
    }

    /** Reads since when they are known. */
    @Override
    public void run() {
        for (Schedule schedule : schedules) {
            if (!known.containsKey(schedule.id())) {
                known.put(schedule.id(), since.apply(schedule));
            }
        }
    }

    /** The last start that nothing can make up for any more. */
    static Optional<Instant> due(Cron cron, Schedule schedule, Instant now) {
        return cron.previous(now.minus(schedule.jitter()).minus(schedule.catchUp()));
    }
}
