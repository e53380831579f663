package dev.lifeboat.activities.store;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Where things lie in the bucket. Never one key as the path prefix of another: some stores refuse it. */
public final class BucketLayout {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    public static final String EVIDENCE = "evidence/";
    /** In an evidence folder: the file that names and closes it. */
    public static final String EVIDENCE_SUMS = "SHA256SUMS";

    public static final String LEASES = "leases/";

    /** For the day when nothing of Lifeboat is at hand. */
    public static final String RESTORE_PAGE = "HOW-TO-RESTORE-WITHOUT-LIFEBOAT.md";
    /** What that page decrypts with. */
    public static final String RESTORE_SCRIPT = "lifeboat-decrypt.py";

    private BucketLayout() {}

    public static String baseBackups(String cluster) {
        return "postgres/base/" + cluster + "/";
    }

    public static String baseBackups(String cluster, String systemId) {
        return baseBackups(cluster) + systemId + "/";
    }

    public static String baseBackup(String cluster, String systemId, String backupId) {
        return baseBackups(cluster, systemId) + backupId + "/";
    }

    public static String chunk(String cluster, String systemId, String backupId, int number) {
        return baseBackup(cluster, systemId, backupId) + "chunks/%06d.tar.zst".formatted(number);
    }

    public static String baseBackupManifest(String cluster, String systemId, String backupId) {
        return baseBackup(cluster, systemId, backupId) + "manifest.json";
    }

    /** Notes of the runs that restored this backup and proved it; the manifest itself is never changed. */
    public static String baseBackupProofs(String cluster, String systemId, String backupId) {
        return baseBackup(cluster, systemId, backupId) + "proofs/";
    }

    /** Names sort by time. */
    public static String baseBackupProof(
            String cluster, String systemId, String backupId, Instant provedAt, String runId) {
        return baseBackupProofs(cluster, systemId, backupId) + SECONDS.format(provedAt) + "_" + runId + ".json";
    }

    /** Where the platform's own script put its dumps, so that existing tools and eyes still find them. */
    public static String dumps(String cluster) {
        return "postgres/daily/" + cluster + "/";
    }

    /** @param dumpId holds nothing that has a meaning in a path */
    public static String dump(String cluster, String dumpId) {
        return dumps(cluster) + dumpId + ".dump.zst";
    }

    public static String dumpGlobals(String cluster, String dumpId) {
        return dumps(cluster) + dumpId + ".globals.sql.zst";
    }

    public static String dumpManifest(String cluster, String dumpId) {
        return dumps(cluster) + dumpId + ".manifest.json";
    }

    /** Notes of the runs that restored this dump and proved it; the manifest itself is never changed for that. */
    public static String dumpProofs(String cluster, String dumpId) {
        return dumps(cluster) + "proofs/" + dumpId + "/";
    }

    /** Names sort by time. */
    public static String dumpProof(String cluster, String dumpId, Instant provedAt, String runId) {
        return dumpProofs(cluster, dumpId) + SECONDS.format(provedAt) + "_" + runId + ".json";
    }

    /** Notes of the runs that restored this dump and did not find it good. */
    public static String dumpDoubts(String cluster, String dumpId) {
        return dumps(cluster) + "doubts/" + dumpId + "/";
    }

    /** Names sort by time. */
    public static String dumpDoubt(String cluster, String dumpId, Instant seenAt, String runId) {
        return dumpDoubts(cluster, dumpId) + SECONDS.format(seenAt) + "_" + runId + ".json";
    }

    /** Backups that retention must leave alone, whatever it is told. */
    public static String pins(String cluster) {
        return "pins/" + cluster + "/";
    }

    /** @param backupId of a base backup or a dump that is there */
    public static String pin(String cluster, String backupId) {
        return pins(cluster) + backupId + ".json";
    }

    /** The WAL of every system identifier that this cluster had. */
    public static String wal(String cluster) {
        return "postgres/wal/" + cluster + "/";
    }

    /** Not evidence of one run: when each check of a verification last failed on purpose, in whichever. */
    public static String checksSeenToFail(String cluster) {
        return "checks/" + cluster + "/seen-to-fail.json";
    }

    public static String wal(String cluster, String systemId) {
        return wal(cluster) + systemId + "/";
    }

    public static String walTimeline(String cluster, String systemId, int timeline) {
        return wal(cluster, systemId) + "%08X/".formatted(timeline);
    }

    /** @param name of a segment, a {@code .partial}, a {@code .backup} or a {@code .history} file */
    public static String walFile(String cluster, String systemId, String name) {
        return wal(cluster, systemId) + name.substring(0, 8) + "/" + name + ".zst";
    }

    /** @param name the first 16 digits of the names of the 256 segments that it describes */
    public static String walIndex(String cluster, String systemId, String name) {
        return wal(cluster, systemId) + name.substring(0, 8) + "/index/" + name + ".json";
    }

    /**
     * Since when this cron of a schedule is known.
     *
     * @param run the name of its runs, {@code <runbook>/<target>}
     */
    public static String scheduleKnown(String run, String cron) {
        int slash = run.indexOf('/');
        String times = cron.strip().replace('*', 'x').replace('/', '.').replaceAll("\\s+", "_");
        return "schedules/" + run.substring(0, slash + 1)
                + run.substring(slash + 1).replace('/', '.') + "/" + times + ".json";
    }

    public static String lease(String target, long number) {
        return LEASES + target + "/%06d.json".formatted(number);
    }

    public static String leaseEnd(String target, long number) {
        return LEASES + target + "/%06d.end.json".formatted(number);
    }

    /**
     * Where all runs of one kind keep their evidence.
     *
     * @param run {@code <runbook>/<target>}; slashes within the target become dots, so that a drill is not a folder in
     *     the folder of the recovery
     */
    public static String evidence(String run) {
        int slash = run.indexOf('/');
        return EVIDENCE + run.substring(0, slash + 1) + run.substring(slash + 1).replace('/', '.') + "/";
    }

    /** The evidence folder of one run. */
    public static String evidence(String run, Instant startedAt, String runId) {
        return evidence(run) + SECONDS.format(startedAt) + "_" + runId + "/";
    }
}
