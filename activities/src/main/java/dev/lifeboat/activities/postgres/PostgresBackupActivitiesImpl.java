package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

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
        List<Check> checks = BackupReadiness.check(ServerFacts.read(access), access);
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
        return StepOutcome.of("%d checks passed".formatted(checks.size()), access.workerName())
                .withChecks(checks);
    }

    @Override
    public TakenBackup takeBaseBackup(BackupOrder order) {
        access.requireName(order.cluster());
        ActivityExecutionContext context = Activity.getExecutionContext();
        long total = ServerFacts.read(access).bytes();
        long begin = System.nanoTime();
        try (Heartbeater heartbeat = new Heartbeater(context, new Progress("checkpoint", 0, total, "bytes"));
                WorkspaceLock lock = lock()) {
            BaseBackupTaker taker = new BaseBackupTaker(
                    access,
                    order.fence(),
                    bytes -> {
                        heartbeat.progress(new Progress("base backup", bytes, total, "bytes"));
                        heartbeat.check();
                    },
                    ChunkWriter.TARGET_BYTES);
            BaseBackupManifest manifest = taker.take();
            return new TakenBackup(
                    manifest.toBackup(),
                    StepOutcome.of(
                            "%s, %s stored in %d chunks"
                                    .formatted(
                                            rate(manifest.bytes(), System.nanoTime() - begin),
                                            size(manifest.storedBytes()),
                                            manifest.allChunks().size()),
                            access.workerName()));
        } catch (IOException e) {
            throw FileTrees.failed("take a base backup of " + order.cluster(), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public StepOutcome awaitWal(BackupRef backup) {
        BaseBackupManifest manifest = manifest(backup);
        WalArchive archive = access.archive(manifest.systemId());
        List<String> needed = BackupReadBack.neededWal(manifest);
        try (Heartbeater heartbeat =
                new Heartbeater(Activity.getExecutionContext(), new Progress("WAL", 0, needed.size(), "segments"))) {
            long deadline = System.nanoTime() + WAL_LIMIT.toNanos();
            for (int done = 0; done < needed.size(); done++) {
                while (!archive.has(needed.get(done))) {
                    if (System.nanoTime() > deadline) {
                        throw new RecoveryFailure(
                                FailureCode.WAL_NOT_ARCHIVED_YET,
                                "backup %s needs WAL segment %s, which was not in the bucket after %s"
                                        .formatted(manifest.id(), needed.get(done), WAL_LIMIT),
                                "look at 'pg_stat_archiver' and the worker's log; 'lifeboat doctor' checks archiving");
                    }
                    heartbeat.progress(
                            new Progress("waiting for " + needed.get(done), done, needed.size(), "segments"));
                    heartbeat.check();
                    Thread.sleep(200);
                }
            }
            return StepOutcome.of(
                    "%d segments, %s to %s".formatted(needed.size(), needed.get(0), needed.get(needed.size() - 1)),
                    access.workerName());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public StepOutcome verifyBaseBackup(BackupRef backup) {
        BaseBackupManifest manifest = manifest(backup);
        long begin = System.nanoTime();
        try (Heartbeater heartbeat = new Heartbeater(
                Activity.getExecutionContext(), new Progress("reading back", 0, manifest.storedBytes(), "bytes"))) {
            Check check = new BackupReadBack(access.backups(), manifest).readBack(bytes -> {
                heartbeat.progress(new Progress("reading back", bytes, manifest.storedBytes(), "bytes"));
                heartbeat.check();
            });
            return StepOutcome.of(rate(manifest.storedBytes(), System.nanoTime() - begin), access.workerName())
                    .withChecks(List.of(check));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
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

    private RecoveryFailure interrupted(InterruptedException cause) {
        return new RecoveryFailure(
                FailureCode.BUSY_WITH_OTHER_ATTEMPT,
                "the work on %s was interrupted".formatted(access.cluster().name()),
                "it is tried again unless the run was aborted",
                cause);
    }

    private static String rate(long bytes, long nanos) {
        return "%s, %s/s".formatted(size(bytes), size((long) (bytes / Math.max(nanos / 1e9, 0.001))));
    }

    private static String size(long bytes) {
        if (bytes >= 1L << 30) {
            return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
        }
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1L << 20));
    }
}
