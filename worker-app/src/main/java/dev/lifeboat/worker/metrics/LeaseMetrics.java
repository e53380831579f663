package dev.lifeboat.worker.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The newest lease of every target that ever had one, as of the last look. */
final class LeaseMetrics implements Runnable {

    private final Supplier<List<NewestLease>> source;
    private final Rows held;
    private final Rows number;

    LeaseMetrics(MeterRegistry registry, Supplier<List<NewestLease>> source) {
        this.source = source;
        this.held = new Rows(registry, "lifeboat.lease.held", Tags.empty());
        this.number = new Rows(registry, "lifeboat.lease.number", Tags.empty());
    }

    @Override
    public void run() {
        List<NewestLease> leases = source.get();
        // Who sees that one is held finds its number.
        number.tell(rows(leases, NewestLease::number));
        held.tell(rows(leases, lease -> Values.of(lease.held())));
    }

    private static Map<Tags, DoubleSupplier> rows(List<NewestLease> leases, ToDoubleFunction<NewestLease> value) {
        Map<Tags, DoubleSupplier> rows = new HashMap<>();
        leases.forEach(lease -> rows.put(Tags.of("target", lease.target()), () -> value.applyAsDouble(lease)));
        return rows;
    }
}
