package dev.lifeboat.worker.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * One number of each of several things, whichever there are. What a row says is changed in place: were it taken away and
 * added anew with each look, a scrape in between would lack it, and one that met the old and the new row both would fail,
 * with everything that it asked for.
 */
final class Rows {

    private final MultiGauge gauge;
    private final Map<Tags, Told> rows = new HashMap<>();

    Rows(MeterRegistry registry, String name, Tags common) {
        this.gauge = MultiGauge.builder(name).tags(common).register(registry);
    }

    /** What is not in it is no longer told of. Only one thread at a time may tell. */
    void tell(Map<Tags, DoubleSupplier> now) {
        rows.keySet().retainAll(now.keySet());
        now.forEach((tags, value) -> rows.computeIfAbsent(tags, added -> new Told(value)).value = value);
        List<Row<?>> all = rows.entrySet().stream()
                .<Row<?>>map(row -> Row.of(row.getKey(), row.getValue(), told -> told.value.getAsDouble()))
                .toList();
        gauge.register(all, false);
    }

    private static final class Told {

        private volatile DoubleSupplier value;

        Told(DoubleSupplier value) {
            this.value = value;
        }
    }
}
