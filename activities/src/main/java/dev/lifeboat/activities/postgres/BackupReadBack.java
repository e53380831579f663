package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.Upload.Uploaded;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Reads a base backup back from the bucket and compares it with its manifest. */
final class BackupReadBack {

    private static final int READINGS = 3;

    private final BaseBackupCatalog catalog;
    private final BaseBackupManifest manifest;
    private final AtomicLong readBytes = new AtomicLong();

    BackupReadBack(BaseBackupCatalog catalog, BaseBackupManifest manifest) {
        this.catalog = catalog;
        this.manifest = manifest;
    }

    /** The segments without which the copy cannot become consistent. */
    static List<String> neededWal(BaseBackupManifest manifest) {
        WalSegmentSize size = manifest.walSegmentSize();
        WalSegment last =
                size.segmentAt(manifest.timeline(), new Lsn(manifest.endLsn().value() - 1));
        List<String> names = new ArrayList<>();
        for (WalSegment segment = size.segmentAt(manifest.timeline(), manifest.startLsn());
                segment.number() <= last.number();
                segment = segment.next()) {
            names.add(size.nameOf(segment));
        }
        return List.copyOf(names);
    }

    /**
     * @param progress is told the bytes read so far, about every second, and may throw to end the work
     * @throws RecoveryFailure BACKUP_DAMAGED naming the chunk and files that it hurts
     */
    Check readBack(LongConsumer progress) throws InterruptedException {
        ExecutorService pool =
                Executors.newFixedThreadPool(Math.max(2, Runtime.getRuntime().availableProcessors()), task -> {
                    Thread thread = new Thread(task, "verify-backup");
                    thread.setDaemon(true);
                    return thread;
                });
        try {
            ExecutorCompletionService<Chunk> done = new ExecutorCompletionService<>(pool);
            manifest.allChunks().forEach(chunk -> done.submit(() -> compare(chunk)));
            int open = manifest.allChunks().size();
            while (open > 0) {
                Future<Chunk> finished = done.poll(1, TimeUnit.SECONDS);
                progress.accept(readBytes.get());
                if (finished != null) {
                    result(finished);
                    open--;
                }
            }
        } finally {
            pool.shutdownNow();
        }
        String chunks = manifest.allChunks().size() + " chunks as in the manifest";
        return Check.of("every chunk read back", chunks, chunks, true);
    }

    private static void result(Future<Chunk> finished) throws InterruptedException {
        try {
            finished.get(0, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecoveryFailure failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("a finished task is not finished", e);
        }
    }

    private Chunk compare(Chunk chunk) {
        String key = catalog.chunkKey(manifest, chunk);
        try {
            String found = found(key);
            // Bytes may be changed on their way only: a damaged chunk is read again before it is called so.
            for (int done = 1; done < READINGS && !found.equals(wanted(chunk)); done++) {
                found = found(key);
            }
            if (!found.equals(wanted(chunk))) {
                throw damaged(chunk, key, "%s, and not %s".formatted(found, wanted(chunk)));
            }
            return chunk;
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.OBJECT_MISSING) {
                throw damaged(chunk, key, "the store has no such object");
            }
            throw e;
        }
    }

    private static String wanted(Chunk chunk) {
        return "%d bytes with SHA-256 %s".formatted(chunk.size(), chunk.sha256());
    }

    private String found(String key) {
        try {
            Uploaded stored = DataObjects.of(catalog.store()).readBack(key, readBytes::addAndGet);
            return "%d bytes with SHA-256 %s".formatted(stored.size(), stored.sha256());
        } catch (RecoveryFailure e) {
            if (DataObjects.isDamage(e)) {
                return String.valueOf(e.getMessage());
            }
            throw e;
        }
    }

    private RecoveryFailure damaged(Chunk chunk, String key, String what) {
        List<String> files = chunk.files();
        return new RecoveryFailure(
                FailureCode.BACKUP_DAMAGED,
                "base backup %s is damaged: %s: %s; it holds %s"
                        .formatted(
                                manifest.id(),
                                catalog.store().addressOf(key),
                                what,
                                files.size() <= 3
                                        ? String.join(", ", files)
                                        : files.get(0) + " and " + (files.size() - 1) + " more files"),
                "take a new one with 'lifeboat start base-backup --cluster %s'".formatted(manifest.cluster()));
    }
}
