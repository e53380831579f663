package dev.lifeboat.worker.metrics;

import dev.lifeboat.activities.postgres.ArchiverStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * How WAL archiving of one cluster stands, as of the moment of the scrape.
 *
 * @param status asked anew for each number
 */
record ArchiverMetrics(MeterRegistry registry, String cluster, Supplier<ArchiverStatus> status) {

    void register() {
        gauge("active", now -> Values.of(now.active()));
        gauge("failing", now -> Values.of(now.lastError() != null));
        gauge("lag.segments", ArchiverStatus::ready);
        gauge("lag.seconds", now -> Values.seconds(now.oldestReady()));
        gauge("last.timestamp.seconds", now -> Values.seconds(now.lastArchivedAt()));
        counter("files", ArchiverStatus::files);
        counter("bytes", ArchiverStatus::bytes);
        counter("failures", ArchiverStatus::failures);
    }

    private void gauge(String name, ToDoubleFunction<ArchiverStatus> value) {
        Gauge.builder("lifeboat.archive." + name, () -> value.applyAsDouble(status.get()))
                .tag("cluster", cluster)
                .register(registry);
    }

    private void counter(String name, ToDoubleFunction<ArchiverStatus> value) {
        FunctionCounter.builder("lifeboat.archive." + name, status, asked -> value.applyAsDouble(asked.get()))
                .tag("cluster", cluster)
                .register(registry);
    }
}
