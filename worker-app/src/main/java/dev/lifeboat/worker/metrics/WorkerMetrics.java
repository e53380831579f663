package dev.lifeboat.worker.metrics;

import dev.lifeboat.activities.evidence.EvidenceActivitiesImpl;
import dev.lifeboat.activities.objectstore.KnownSchedules;
import dev.lifeboat.activities.postgres.PostgresRole;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.Schedule;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Everything that one worker tells about the clusters and the bucket that it serves, besides its own calls. */
public final class WorkerMetrics implements AutoCloseable {

    private final Looks looks;

    private WorkerMetrics(Looks looks) {
        this.looks = looks;
    }

    /**
     * Begins to look; contacts nobody itself, and fails for nobody who is away.
     *
     * @param every    how long to wait between two looks, longer where they take long
     * @param clusters those that this worker serves, by name
     */
    public static WorkerMetrics begin(MeterRegistry registry, Duration every, Map<String, PostgresRole> clusters) {
        Looks looks = new Looks(registry, every, Clock.systemUTC());
        clusters.forEach((name, role) -> {
            new ArchiverMetrics(registry, name, role::archiver).register();
            ProtectionMetrics protection = new ProtectionMetrics(role::protection);
            protection.register(registry, name, Clock.systemUTC());
            looks.add("protection of " + name, protection);
        });
        return new WorkerMetrics(looks);
    }

    /** Adds what the bucket tells of all clusters, for the worker that serves the platform. */
    public void lookAt(ObjectStore store, MeterRegistry registry) {
        looks.add("leases", new LeaseMetrics(registry, () -> NewestLease.all(store)));
        looks.add("runs", new RunMetrics(registry, () -> newestReports(store)));
    }

    /** Adds when runs should have been started by the clock, for the worker that serves the platform. */
    public void expect(List<Schedule> schedules, ObjectStore store, MeterRegistry registry) {
        KnownSchedules known = new KnownSchedules(store, Clock.systemUTC());
        looks.add(
                "schedules",
                new ScheduleMetrics(
                        registry,
                        schedules,
                        Clock.systemUTC(),
                        schedule -> known.since(schedule.id(), schedule.cron())));
    }

    private static List<RunReport> newestReports(ObjectStore store) {
        List<String> runs = store.listFolders(BucketLayout.EVIDENCE).stream()
                .flatMap(runbook -> store.listFolders(BucketLayout.EVIDENCE + runbook + "/").stream()
                        .map(target -> runbook + "/" + target))
                .toList();
        return new EvidenceActivitiesImpl(store).newestReports(runs);
    }

    @Override
    public void close() {
        looks.close();
    }
}
