package dev.lifeboat.worker.metrics;

import dev.lifeboat.workflows.domain.postgres.Dump;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/** The newest dump of each database of one cluster, whichever databases there are. */
final class DumpMetrics {

    private final Map<Rows, ToDoubleFunction<Dump>> gauges = new LinkedHashMap<>();

    DumpMetrics(MeterRegistry registry, String cluster, Clock clock) {
        Map<String, ToDoubleFunction<Dump>> values = new LinkedHashMap<>();
        values.put("age.seconds", dump -> Values.seconds(Duration.between(dump.startedAt(), clock.instant())));
        values.put("newest.timestamp.seconds", dump -> Values.seconds(dump.startedAt()));
        values.put(
                "newest.duration.seconds", dump -> Values.seconds(Duration.between(dump.startedAt(), dump.endedAt())));
        values.put("newest.bytes", Dump::bytes);
        values.put("newest.stored.bytes", Dump::storedBytes);
        values.forEach((name, value) ->
                gauges.put(new Rows(registry, "lifeboat.dump." + name, Tags.of("cluster", cluster)), value));
    }

    /** One that is in it no longer is no longer told of. */
    void tell(List<Dump> newest) {
        gauges.forEach((gauge, value) -> {
            Map<Tags, DoubleSupplier> rows = new HashMap<>();
            newest.forEach(dump -> rows.put(Tags.of("database", dump.database()), () -> value.applyAsDouble(dump)));
            gauge.tell(rows);
        });
    }
}
