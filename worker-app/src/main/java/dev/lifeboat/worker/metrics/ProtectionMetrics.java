package dev.lifeboat.worker.metrics;

import dev.lifeboat.activities.postgres.ProtectionStatus;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.BackupEntry;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What could be recovered of one cluster from the bucket alone, as of the last look. */
final class ProtectionMetrics implements Runnable {

    private final Supplier<ProtectionStatus> source;
    private final AtomicReference<@Nullable ProtectionStatus> seen = new AtomicReference<>();
    private final AtomicReference<@Nullable DumpMetrics> dumps = new AtomicReference<>();

    ProtectionMetrics(Supplier<ProtectionStatus> source) {
        this.source = source;
    }

    @Override
    public void run() {
        ProtectionStatus now = source.get();
        seen.set(now);
        DumpMetrics told = dumps.get();
        if (told != null) {
            told.tell(now.dumps());
        }
    }

    void register(MeterRegistry registry, String cluster, Clock clock) {
        new Gauges(registry, cluster).addAll(clock);
        dumps.set(new DumpMetrics(registry, cluster, clock));
    }

    private final class Gauges {

        private final MeterRegistry registry;
        private final String cluster;

        Gauges(MeterRegistry registry, String cluster) {
            this.registry = registry;
            this.cluster = cluster;
        }

        void addAll(Clock clock) {
            gauge("window.start.timestamp.seconds", now -> at(starts(now).min(Comparator.naturalOrder())));
            gauge("window.end.timestamp.seconds", now -> at(ends(now).max(Comparator.naturalOrder())));
            gauge("window.missing.segments", now -> (double) now.window().holes().stream()
                    .mapToLong(hole -> hole.missing().size())
                    .sum());
            gauge("backups", now -> (double) usable(now).count());
            gauge(
                    "backups.damaged",
                    now -> (double) now.backups().size() - usable(now).count());
            gauge("backup.age.seconds", now -> newest(now)
                    .map(backup -> Values.seconds(Duration.between(backup.endedAt(), clock.instant())))
                    .orElse(Double.NaN));
            gauge("backup.newest.timestamp.seconds", now -> at(newest(now).map(BackupEntry::endedAt)));
            gauge("backup.newest.duration.seconds", now -> newest(now)
                    .map(backup -> Values.seconds(Duration.between(backup.startedAt(), backup.endedAt())))
                    .orElse(Double.NaN));
            gauge("backup.newest.bytes", now -> number(newest(now).map(BackupEntry::bytes)));
            gauge("backup.newest.stored.bytes", now -> number(newest(now).map(BackupEntry::storedBytes)));
            gauge(
                    "backup.proved.timestamp.seconds",
                    now -> at(usable(now)
                            .map(BackupEntry::provedAt)
                            .filter(Objects::nonNull)
                            .max(Comparator.naturalOrder())));
        }

        private void gauge(String name, Function<ProtectionStatus, Double> value) {
            Gauge.builder("lifeboat." + name, () -> {
                        ProtectionStatus now = seen.get();
                        return now == null ? Double.NaN : value.apply(now);
                    })
                    .tag("cluster", cluster)
                    .register(registry);
        }
    }

    /** One that is known to be damaged protects nobody. */
    private static Stream<BackupEntry> usable(ProtectionStatus now) {
        return now.backups().stream().filter(backup -> backup.damage() == null);
    }

    private static Optional<BackupEntry> newest(ProtectionStatus now) {
        return usable(now).max(Comparator.comparing(BackupEntry::endedAt));
    }

    private static Stream<Instant> starts(ProtectionStatus now) {
        return now.window().ranges().stream().map(Range::from);
    }

    private static Stream<Instant> ends(ProtectionStatus now) {
        return now.window().ranges().stream().map(Range::to).filter(Objects::nonNull);
    }

    private static double at(Optional<Instant> moment) {
        return Values.seconds(moment.orElse(null));
    }

    private static double number(Optional<Long> known) {
        return known.map(Long::doubleValue).orElse(Double.NaN);
    }
}
