package dev.lifeboat.worker.metrics;

import dev.lifeboat.activities.objectstore.StoreTraffic;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;

/** Every call of this process to the bucket. */
public record StoreMetrics(MeterRegistry registry) implements StoreTraffic {

    @Override
    public void called(String operation, boolean succeeded, int retries, Duration took) {
        registry.timer("lifeboat.store.request", "operation", operation, "outcome", succeeded ? "answered" : "failed")
                .record(took);
        registry.counter("lifeboat.store.retries", "operation", operation).increment(retries);
    }

    @Override
    public void moved(Direction direction, long bytes) {
        registry.counter("lifeboat.store.bytes", "direction", direction.name().toLowerCase(Locale.ROOT))
                .increment(bytes);
    }
}
