package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Base backups next to one data directory. */
final class PostgresBackupActivitiesImpl implements PostgresBackupActivities {

    private static final Duration WAL_LIMIT = Duration.ofMinutes(10);

    private final ClusterAccess access;

    PostgresBackupActivitiesImpl(ClusterAccess access) {
        this.access = access;
    }

    @Override
    public StepOutcome checkCluster(String cluster) {
        access.requireName(cluster);
        ServerFacts server = ServerFacts.read(access);
        List<Check> checks = BackupReadiness.check(server, access);
        List<Check> failed =
                checks.stream().filter(check -> check.verdict() == Verdict.FAIL).toList();
        if (!failed.isEmpty()) {
            Check first = failed.get(0);
            throw new RecoveryFailure(
                    FailureCode.CLUSTER_NOT_READY,
                    "cannot back up %s: %s should be %s, and is %s"
                            .formatted(cluster, first.name(), first.expected(), first.observed()),
                    BackupReadiness.hint(first, cluster));
        }
        requireSpool(server);
        return StepOutcome.of(ReportWords.count(checks.size(), "check", "checks") + " passed", access.workerName())
                .withChecks(checks);
    }

    private void requireSpool(ServerFacts server) {
        if (server.tablespaces().isEmpty()) {
            return;
        }
        try {
            BackupSpool.of(access)
                    .requireRoom(
                            access.cluster().name(),
                            BackupSpool.sizeOf(server, access.cluster().dataDirectory()));
        } catch (IOException e) {
            throw FileTrees.failed("look at " + BackupSpool.of(access).root(), e);
        }
    }

    @Override
    public TakenBackup takeBaseBackup(BackupOrder order) {
        access.requireName(order.cluster());
        long begin = System.nanoTime();
        return Beats.during("base backup", "bytes", watch -> {
            try (WorkspaceLock lock = lock()) {
                BaseBackupManifest manifest =
                        new BaseBackupTaker(access, order.fence(), watch, ChunkWriter.TARGET_BYTES).take();
                String detail = "%s, %s stored in %s"
                        .formatted(
                                rate(manifest.bytes(), System.nanoTime() - begin),
                                Bytes.text(manifest.storedBytes()),
                                ReportWords.count(manifest.allChunks().size(), "chunk", "chunks"));
                return new TakenBackup(manifest.toBackup(), StepOutcome.of(detail, access.workerName()));
            } catch (IOException e) {
                throw FileTrees.failed("take a base backup of " + order.cluster(), e);
            }
        });
    }

    @Override
    public StepOutcome awaitWal(BackupRef backup) {
        BaseBackupManifest manifest = manifest(backup);
        List<String> needed = BackupReadBack.neededWal(manifest);
        Beats.during("archived WAL", "bytes", watch -> {
            long deadline = System.nanoTime() + WAL_LIMIT.toNanos();
            for (int done = 0; done < needed.size(); done++) {
                watch.progress(new Progress("waiting for " + needed.get(done), done, needed.size(), "segments"));
                awaitSegment(manifest, needed.get(done), deadline, watch);
            }
            return needed;
        });
        return StepOutcome.of(
                "%s, %s to %s"
                        .formatted(
                                ReportWords.count(needed.size(), "segment", "segments"),
                                needed.get(0),
                                needed.get(needed.size() - 1)),
                access.workerName());
    }

    private void awaitSegment(BaseBackupManifest manifest, String name, long deadline, Watch watch)
            throws InterruptedException {
        WalArchive archive = access.archive(manifest.systemId());
        while (!archive.has(name)) {
            if (System.nanoTime() > deadline) {
                throw new RecoveryFailure(
                        FailureCode.WAL_NOT_ARCHIVED_YET,
                        "backup %s needs WAL segment %s, which was not in the bucket after %s"
                                .formatted(manifest.id(), name, WAL_LIMIT),
                        "look at 'pg_stat_archiver' and the worker's log; 'lifeboat doctor' checks archiving");
            }
            watch.check();
            Thread.sleep(200);
        }
    }

    @Override
    public StepOutcome verifyBaseBackup(BackupRef backup) {
        BaseBackupManifest manifest = manifest(backup);
        long begin = System.nanoTime();
        Check check = Beats.during(
                "reading back", "bytes", watch -> new BackupReadBack(access.backups(), manifest).readBack(bytes -> {
                    watch.progress(new Progress("reading back", bytes, manifest.storedBytes(), "bytes"));
                    watch.check();
                }));
        return StepOutcome.of(rate(manifest.storedBytes(), System.nanoTime() - begin), access.workerName())
                .withChecks(List.of(check));
    }

    private WorkspaceLock lock() throws IOException {
        FileTrees.makePrivate(access.folder().root(), access.user());
        return WorkspaceLock.take(access.folder().root().resolve("backup.lock"), access.user());
    }

    private BaseBackupManifest manifest(BackupRef backup) {
        access.requireName(backup.cluster());
        for (String systemId : access.backups().systemIds()) {
            var found = access.backups().find(systemId, backup.backupId());
            if (found.isPresent()) {
                return found.get();
            }
        }
        return access.backups().read("any", backup.backupId());
    }

    static String rate(long bytes, long nanos) {
        return "%s, %s/s".formatted(Bytes.text(bytes), Bytes.text((long) (bytes / Math.max(nanos / 1e9, 0.001))));
    }
}
