package dev.lifeboat.worker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.ProtectionStatus;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.domain.postgres.Dump;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** On the registry of the worker: a simple one has no text to be wrong in. */
class RowsTest {

    private static final Instant NOW = Instant.parse("2026-08-22T09:15:00Z");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    @Test
    void aRowSaysWhatWasToldOfItLast() {
        Rows rows = new Rows(registry, "number", Tags.of("cluster", "main"));
        rows.tell(Map.of(of("a"), () -> 1, of("b"), () -> 2));
        rows.tell(Map.of(of("b"), () -> 3, of("c"), () -> 4));

        assertThat(samples()).containsExactlyInAnyOrder(sample("b", 3), sample("c", 4));

        rows.tell(Map.of());
        assertThat(samples()).isEmpty();

        rows.tell(Map.of(of("a"), () -> 5));
        assertThat(samples()).containsExactly(sample("a", 5));
    }

    /** A monitoring system asks whenever it likes, in the middle of a look too. */
    @Test
    void aScrapeBesideALookIsAnsweredAndLacksNothing() throws InterruptedException {
        LeaseMetrics leases = new LeaseMetrics(registry, () -> List.of(new NewestLease("main", 7, true)));
        ProtectionMetrics protection = new ProtectionMetrics(
                () -> new ProtectionStatus(List.of(), new Window(List.of(), List.of(), null), List.of(dump("shop"))));
        protection.register(registry, "main", Clock.systemUTC());
        leases.run();
        protection.run();
        int all = samples().size();
        AtomicBoolean looking = new AtomicBoolean(true);
        CompletableFuture<Void> looks = CompletableFuture.runAsync(() -> {
            while (looking.get()) {
                leases.run();
                protection.run();
            }
        });

        long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
        try {
            do {
                assertThat(samples())
                        .hasSize(all)
                        .contains("lifeboat_lease_number{target=\"main\"} 7.0")
                        .anyMatch(line -> line.startsWith("lifeboat_dump_age_seconds{cluster=\"main\""));
            } while (System.nanoTime() < end);
        } finally {
            looking.set(false);
            looks.join();
        }
    }

    private static Tags of(String name) {
        return Tags.of("name", name);
    }

    private static String sample(String name, int value) {
        return "number{cluster=\"main\",name=\"%s\"} %d.0".formatted(name, value);
    }

    private List<String> samples() {
        return registry.scrape().lines().filter(line -> !line.startsWith("#")).toList();
    }

    private static Dump dump(String database) {
        return new Dump(database + "_1", "main", database, "7", 150018, NOW, NOW.plusSeconds(9), 100, 10, null);
    }
}
