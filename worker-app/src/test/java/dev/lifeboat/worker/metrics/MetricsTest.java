package dev.lifeboat.worker.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.postgres.ArchiverStatus;
import dev.lifeboat.activities.postgres.ProtectionStatus;
import dev.lifeboat.config.LifeboatConfig.Schedule;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.BackupEntry;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Hole;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MetricsTest {

    private static final Instant NOW = Instant.parse("2026-08-22T09:15:00Z");

    private static final Duration SIX_HOURS = Duration.ofHours(6);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void theArchiverIsAskedAnewForEachScrape() {
        AtomicReference<ArchiverStatus> status = new AtomicReference<>(
                new ArchiverStatus(true, 3, Duration.ofMillis(4_500), null, null, "away", 7, 1_000, 2));
        new ArchiverMetrics(registry, "main", status::get).register();

        assertThat(gauge("lifeboat.archive.lag.segments")).isEqualTo(3);
        assertThat(gauge("lifeboat.archive.lag.seconds")).isEqualTo(4.5);
        assertThat(gauge("lifeboat.archive.failing")).isEqualTo(1);
        assertThat(gauge("lifeboat.archive.last.timestamp.seconds")).isNaN();
        assertThat(registry.get("lifeboat.archive.bytes").functionCounter().count())
                .isEqualTo(1_000);

        status.set(new ArchiverStatus(true, 0, Duration.ZERO, "00000001", NOW, null, 10, 3_000, 2));

        assertThat(gauge("lifeboat.archive.lag.segments")).isZero();
        assertThat(gauge("lifeboat.archive.failing")).isZero();
        assertThat(gauge("lifeboat.archive.last.timestamp.seconds")).isEqualTo(NOW.getEpochSecond());
        assertThat(registry.get("lifeboat.archive.bytes").functionCounter().count())
                .isEqualTo(3_000);
    }

    @Test
    void nothingIsKnownBeforeTheFirstLookAndOfAnEmptyBucket() {
        ProtectionMetrics metrics = new ProtectionMetrics(
                () -> new ProtectionStatus(List.of(), new Window(List.of(), List.of(), null), List.of()));
        metrics.register(registry, "main", Clock.fixed(NOW, ZoneOffset.UTC));
        assertThat(gauge("lifeboat.backups")).isNaN();

        metrics.run();

        assertThat(gauge("lifeboat.backups")).isZero();
        assertThat(gauge("lifeboat.backup.age.seconds")).isNaN();
        assertThat(gauge("lifeboat.window.end.timestamp.seconds")).isNaN();
        assertThat(gauge("lifeboat.window.missing.segments")).isZero();
    }

    @Test
    void theNewestBackupAndTheWholeWindowCount() {
        List<BackupEntry> backups = List.of(
                backup("newest", NOW.minusSeconds(60), null, "its manifest cannot be read"),
                backup("new", NOW.minusSeconds(600), null, null),
                backup("old", NOW.minusSeconds(7_200), NOW.minusSeconds(7_000), null));
        Window window = new Window(
                List.of(
                        range(1, NOW.minusSeconds(7_200), NOW.minusSeconds(900)),
                        range(2, NOW.minusSeconds(900), NOW.minusSeconds(60)),
                        range(3, NOW.minusSeconds(50), null)),
                List.of(new Hole(1, List.of("a", "b")), new Hole(2, List.of("c"))),
                null);
        ProtectionMetrics metrics = new ProtectionMetrics(() -> new ProtectionStatus(backups, window, List.of()));
        metrics.register(registry, "main", Clock.fixed(NOW, ZoneOffset.UTC));

        metrics.run();

        assertThat(gauge("lifeboat.backups")).isEqualTo(2);
        assertThat(gauge("lifeboat.backups.damaged")).isEqualTo(1);
        assertThat(gauge("lifeboat.backup.age.seconds")).isEqualTo(600);
        assertThat(gauge("lifeboat.backup.newest.duration.seconds")).isEqualTo(30);
        assertThat(gauge("lifeboat.backup.proved.timestamp.seconds")).isEqualTo(NOW.getEpochSecond() - 7_000);
        assertThat(gauge("lifeboat.window.start.timestamp.seconds")).isEqualTo(NOW.getEpochSecond() - 7_200);
        assertThat(gauge("lifeboat.window.end.timestamp.seconds")).isEqualTo(NOW.getEpochSecond() - 60);
        assertThat(gauge("lifeboat.window.missing.segments")).isEqualTo(3);
    }

    @Test
    void everyDatabaseHasTheAgeOfItsNewestDumpAndOneThatIsGoneHasNone() {
        Window none = new Window(List.of(), List.of(), null);
        List<Dump> dumps = new ArrayList<>(List.of(dump("shop", 600), dump("crm", 60)));
        ProtectionMetrics metrics =
                new ProtectionMetrics(() -> new ProtectionStatus(List.of(), none, List.copyOf(dumps)));
        metrics.register(registry, "main", Clock.fixed(NOW, ZoneOffset.UTC));

        metrics.run();

        assertThat(registry.get("lifeboat.dump.age.seconds")
                        .tag("database", "shop")
                        .gauge()
                        .value())
                .isEqualTo(600);
        assertThat(registry.get("lifeboat.dump.newest.duration.seconds")
                        .tag("database", "crm")
                        .gauge()
                        .value())
                .isEqualTo(9);
        dumps.clear();
        dumps.add(dump("shop", 5));
        metrics.run();
        assertThat(gauge("lifeboat.dump.age.seconds")).isEqualTo(5);
    }

    /** At 02:00 with six hours to make up for it: until eight nothing is missed. */
    @Test
    void aScheduleIsDueWhenNothingMakesUpForItsStartAnyMore() {
        List<Schedule> schedules = List.of(
                new Schedule("daily-dump", "main", "0 2 * * *", Duration.ofMinutes(5), SIX_HOURS, Map.of(), null),
                new Schedule("base-backup", "main", "30 1 * * *", Duration.ZERO, SIX_HOURS, Map.of(), "no disk"));
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-08-22T08:04:59Z"));
        new ScheduleMetrics(registry, schedules, new MovingClock(now), schedule -> Instant.EPOCH).run();

        assertThat(gauge("lifeboat.schedule.due.timestamp.seconds")).isEqualTo(seconds("2026-08-21T02:00:00Z"));

        now.set(Instant.parse("2026-08-22T08:05:00Z"));
        assertThat(gauge("lifeboat.schedule.due.timestamp.seconds")).isEqualTo(seconds("2026-08-22T02:00:00Z"));
        assertThat(registry.get("lifeboat.schedule.due.timestamp.seconds").gauges())
                .singleElement()
                .satisfies(gauge -> assertThat(gauge.getId().getTag("run")).isEqualTo("daily-dump/main"));
    }

    /** A monthly one on a fresh installation: its last time lies before anybody knew it, so that nothing was missed. */
    @Test
    void whatWasDueBeforeAScheduleWasKnownWasNotMissed() {
        Schedule monthly = new Schedule(
                "restore-verification", "main", "0 4 1 * *", Duration.ZERO, SIX_HOURS, Map.of("random", "true"), null);
        AtomicReference<Instant> now = new AtomicReference<>(NOW);
        AtomicReference<@Nullable Instant> since = new AtomicReference<>();
        ScheduleMetrics metrics = new ScheduleMetrics(
                registry, List.of(monthly), new MovingClock(now), schedule -> Objects.requireNonNull(since.get()));

        assertThatThrownBy(metrics::run).isInstanceOf(NullPointerException.class);
        assertThat(gauge("lifeboat.schedule.due.timestamp.seconds"))
                .as("while nobody can say since when it is known, nobody is spared an alert")
                .isEqualTo(seconds("2026-08-01T04:00:00Z"));
        since.set(NOW);
        metrics.run();
        assertThat(gauge("lifeboat.schedule.due.timestamp.seconds")).isNaN();

        now.set(Instant.parse("2026-09-01T10:00:01Z"));
        assertThat(gauge("lifeboat.schedule.due.timestamp.seconds")).isEqualTo(seconds("2026-09-01T04:00:00Z"));
    }

    private static double seconds(String at) {
        return Instant.parse(at).getEpochSecond();
    }

    private static final class MovingClock extends Clock {

        private final AtomicReference<Instant> now;

        MovingClock(AtomicReference<Instant> now) {
            this.now = now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Objects.requireNonNull(now.get());
        }
    }

    private static Dump dump(String database, long secondsAgo) {
        Instant at = NOW.minusSeconds(secondsAgo);
        return new Dump(database + "_1", "main", database, "7", 150018, at, at.plusSeconds(9), 100, 10, null);
    }

    @Test
    void whatNobodyMeasuredNeitherPassesNorFails() {
        assertThat(Values.of(Verdict.PASS)).isEqualTo(1);
        assertThat(Values.of(Verdict.FAIL)).isZero();
        assertThat(Values.of(Verdict.NOT_MEASURED)).isNaN();
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    private static BackupEntry backup(String id, Instant endedAt, @Nullable Instant provedAt, @Nullable String damage) {
        return new BackupEntry(
                id, "base-backup", "main", null, endedAt.minusSeconds(30), endedAt, 100, 10, 1, provedAt, damage);
    }

    private static Range range(int timeline, Instant from, @Nullable Instant to) {
        return new Range(timeline, from, to, new Lsn(1), new Lsn(2));
    }
}
