package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.Retention;
import dev.lifeboat.config.LifeboatConfig.Writer;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.BackupEntry;
import java.util.List;
import java.util.Map;

/** A worker's part next to one data directory: the activities of its queue, and WAL archiving in the background. */
public final class PostgresRole implements AutoCloseable {

    private final ClusterAccess access;
    private final Map<String, Writer> writers;
    private final Retention retention;
    private final WalArchiver archiver;
    private final MarkerWriter marker;
    private final boolean dumpsScheduled;

    /**
     * Contacts nobody.
     *
     * @param writers     those that a recovery stops and starts, by name
     * @param retention   what stays in the bucket
     * @param environment where {@code env:} references look
     * @param workerName  {@code pid@host}
     * @param dumpsScheduled whether the cluster is to be dumped every day, so that a missing dump is amiss
     */
    public PostgresRole(
            PostgresCluster cluster,
            Map<String, Writer> writers,
            Retention retention,
            ObjectStore store,
            Leases leases,
            Map<String, String> environment,
            String workerName,
            boolean dumpsScheduled) {
        this.dumpsScheduled = dumpsScheduled;
        this.access = new ClusterAccess(cluster, store, leases, Map.copyOf(environment), workerName);
        this.writers = Map.copyOf(writers);
        this.retention = retention;
        this.archiver = new WalArchiver(access);
        this.marker = new MarkerWriter(access);
    }

    /** The implementations to register on the queue of this cluster. */
    public List<Object> activities() {
        LiveContext live = LiveContext.of(access.cluster(), access.leases(), access.environment(), access.workerName());
        return List.of(
                new DumpRestoreActivitiesImpl(access, live, writers.keySet()),
                new WriterActivitiesImpl(new Writers(live, writers)),
                new PostgresBackupActivitiesImpl(access),
                new PostgresCatalogActivitiesImpl(access),
                new PostgresDoctorActivitiesImpl(access, archiver::status, dumpsScheduled),
                new KeyActivitiesImpl(access),
                new PostgresDumpActivitiesImpl(access),
                new PostgresRetentionActivitiesImpl(access, retention),
                new PostgresVerificationActivitiesImpl(access),
                new PostgresRecoveryActivitiesImpl(
                        access.cluster(),
                        writers,
                        access.store(),
                        access.leases(),
                        access.environment(),
                        access.workerName()));
    }

    /** Begins to archive WAL and to write markers; returns at once, whatever is away. */
    public void start() {
        archiver.start();
        marker.start();
    }

    /** How archiving stands, for health checks. */
    public ArchiverStatus archiver() {
        return archiver.status();
    }

    /**
     * What could be recovered now, read from the bucket and the live disk.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure when one of the two cannot be read
     */
    public ProtectionStatus protection() {
        PostgresCatalogActivitiesImpl catalog = new PostgresCatalogActivitiesImpl(access);
        String cluster = access.cluster().name();
        // One that is known to be damaged protects nothing, however new it is.
        List<BackupEntry> usable = catalog.baseBackups().stream()
                .filter(backup -> backup.damage() == null)
                .toList();
        return new ProtectionStatus(
                usable,
                catalog.window(cluster),
                access.dumps().newest().stream().map(dump -> dump.toDump(null)).toList());
    }

    @Override
    public void close() {
        marker.close();
        archiver.close();
    }
}
