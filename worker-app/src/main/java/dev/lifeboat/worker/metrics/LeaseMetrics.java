package dev.lifeboat.worker.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.Supplier;

/** The newest lease of every target that ever had one, as of the last look. */
final class LeaseMetrics implements Runnable {

    private final Supplier<List<NewestLease>> source;
    private final MultiGauge held;
    private final MultiGauge number;

    LeaseMetrics(MeterRegistry registry, Supplier<List<NewestLease>> source) {
        this.source = source;
        this.held = MultiGauge.builder("lifeboat.lease.held").register(registry);
        this.number = MultiGauge.builder("lifeboat.lease.number").register(registry);
    }

    @Override
    public void run() {
        List<NewestLease> leases = source.get();
        held.register(
                leases.stream()
                        .map(lease -> Row.of(Tags.of("target", lease.target()), Values.of(lease.held())))
                        .toList(),
                true);
        number.register(
                leases.stream()
                        .map(lease -> Row.of(Tags.of("target", lease.target()), (double) lease.number()))
                        .toList(),
                true);
    }
}
