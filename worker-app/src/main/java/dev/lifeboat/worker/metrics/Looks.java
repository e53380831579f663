package dev.lifeboat.worker.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads in the background what a scrape must not wait for. A look that takes long is taken less often, so that looking
 * costs a twentieth of one thread at most, however big the bucket is. When each last succeeded is a metric of its own:
 * without that nobody could tell an old value from a good one.
 */
final class Looks implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Looks.class);
    private static final int SHARE = 20;
    private static final Duration LEAST = Duration.ofSeconds(1);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);

    private final MeterRegistry registry;
    private final Duration every;
    private final Clock clock;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "metrics");
        thread.setDaemon(true);
        return thread;
    });

    Looks(MeterRegistry registry, Duration every, Clock clock) {
        this.registry = registry;
        this.every = every;
        this.clock = clock;
    }

    /** Looks now, and then again and again. What goes wrong is counted, and said in the log once. */
    void add(String name, Runnable look) {
        Tags tags = Tags.of("look", name);
        AtomicReference<@Nullable Instant> succeeded = new AtomicReference<>();
        registry.gauge("lifeboat.look.timestamp.seconds", tags, succeeded, at -> Values.seconds(at.get()));
        Counter failures = registry.counter("lifeboat.look.failures", tags);
        threads.execute(new Turn(name, look, succeeded, failures));
    }

    /** How long to wait after a look that took so long. */
    static Duration pause(Duration every, Duration took) {
        return Stream.of(every, took.multipliedBy(SHARE), LEAST)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /** One that failed has mostly waited for what is away; when that is back, the next look must not be minutes off. */
    static Duration pauseAfterFailure(Duration every, Duration took) {
        Duration most = every.compareTo(AFTER_FAILURE) > 0 ? every : AFTER_FAILURE;
        Duration pause = pause(every, took);
        return pause.compareTo(most) > 0 ? most : pause;
    }

    private final class Turn implements Runnable {

        private final String name;
        private final Runnable look;
        private final AtomicReference<@Nullable Instant> succeeded;
        private final Counter failures;
        private boolean failing;

        Turn(String name, Runnable look, AtomicReference<@Nullable Instant> succeeded, Counter failures) {
            this.name = name;
            this.look = look;
            this.succeeded = succeeded;
            this.failures = failures;
        }

        @Override
        public void run() {
            long begun = System.nanoTime();
            try {
                look.run();
                succeeded.set(clock.instant());
                failing = false;
            } catch (RuntimeException e) {
                failures.increment();
                if (!failing && !threads.isShutdown()) {
                    log.info("the metrics of {} stay as they are for now: {}", name, e.getMessage());
                }
                failing = true;
            }
            if (!threads.isShutdown()) {
                Duration took = Duration.ofNanos(System.nanoTime() - begun);
                Duration pause = failing ? pauseAfterFailure(every, took) : pause(every, took);
                threads.schedule(this, pause.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }
}
