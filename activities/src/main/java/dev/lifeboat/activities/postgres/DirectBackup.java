package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.BackupFiles.Entry;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/**
 * Reads the files of a running server on all cores, between {@code pg_backup_start} and {@code pg_backup_stop}: a chunk for a
 * thread at a time, the largest first, so that no core waits for another at the end.
 */
final class DirectBackup {

    private static final int HEADER = TarStream.BLOCK;

    private final ClusterAccess access;
    private final ServerFacts server;
    private final String id;
    private final IntFunction<String> keys;
    private final long target;
    private final Watch watch;
    private final AtomicLong bytes = new AtomicLong();

    /** @param keys of chunks by their number; {@code target} of plain bytes in one, unless a file has more */
    DirectBackup(
            ClusterAccess access, ServerFacts server, String id, IntFunction<String> keys, long target, Watch watch) {
        this.access = access;
        this.server = server;
        this.id = id;
        this.keys = keys;
        this.target = target;
        this.watch = watch;
    }

    /** @throws RecoveryFailure PAGES_DAMAGED when a page of the cluster does not have its checksum */
    BackupCopy take(BackupSession session) throws IOException, InterruptedException {
        Lsn start = session.start(BackupProgram.label(id));
        BackupFiles found = BackupFiles.of(access.cluster().dataDirectory());
        List<List<Entry>> parts = parts(found.files());
        FileReading reading = new FileReading(
                access.cluster().dataDirectory(), FileReading.pages(access.controlFile(), start), bytes);
        int files = found.files().size();
        found.files().clear();
        List<Chunk> chunks = new ArrayList<>(pack(reading, found.folders(), parts));
        reading.requireSound(access.cluster().name());
        BackupSession.Ended ended = session.stop();
        requireNoTablespaces(ended);
        Instant copiedAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        LastChunk last = new LastChunk(access, server, reading);
        int number = chunks.size() + 1;
        try (ChunkPacker packer = new ChunkPacker(data().upload(keys.apply(number)), "")) {
            BackupCopy.Ends ends = last.write(packer, start, ended);
            List<BaseBackupManifest.OutsideFile> outside = last.writeOutside(packer);
            chunks.add(packer.complete(number));
            String way = "read %d files between pg_backup_start and pg_backup_stop".formatted(files);
            Map<String, String> tools = Map.of("pg_backup_start", Integer.toString(server.version()));
            return new BackupCopy(ends, copiedAt, bytes.get(), outside, Map.of(), List.copyOf(chunks), tools, way);
        }
    }

    /** One that was made after this backup began comes with the WAL; one from before is not in what was read. */
    private void requireNoTablespaces(BackupSession.Ended ended) {
        if (!ended.map().isEmpty()) {
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED,
                    "cannot back up %s: when it began there were tablespaces that were not there a moment before: %s"
                            .formatted(access.cluster().name(), ended.map().strip()),
                    "it is tried again");
        }
    }

    /** In the order in which they are begun, which is that of their numbers. */
    private List<List<Entry>> parts(List<Entry> files) {
        List<List<Entry>> parts = new ArrayList<>();
        List<Entry> part = new ArrayList<>();
        long size = 0;
        for (Entry file : files) {
            long more = HEADER + TarStream.padded(file.size());
            if (!part.isEmpty() && size + more > target) {
                parts.add(part);
                part = new ArrayList<>();
                size = 0;
            }
            part.add(file);
            size += more;
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        parts.sort(Comparator.comparingLong(DirectBackup::size).reversed());
        return parts;
    }

    private static long size(List<Entry> part) {
        return part.stream().mapToLong(Entry::size).sum();
    }

    private List<Chunk> pack(FileReading reading, List<Entry> folders, List<List<Entry>> parts)
            throws IOException, InterruptedException {
        ExecutorService pool =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), new Daemons("chunk-packer"));
        try {
            List<Future<Chunk>> packed = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                int number = i + 1;
                List<Entry> files = parts.get(i);
                packed.add(pool.submit(() -> pack(reading, number, number == 1 ? folders : List.of(), files)));
            }
            List<Chunk> chunks = new ArrayList<>();
            for (Future<Chunk> each : packed) {
                chunks.add(await(each));
            }
            return chunks;
        } finally {
            pool.shutdownNow();
            Daemons.awaitEnd(pool, Duration.ofMinutes(2));
        }
    }

    private Chunk pack(FileReading reading, int number, List<Entry> folders, List<Entry> files) throws IOException {
        try (ChunkPacker packer = new ChunkPacker(data().upload(keys.apply(number)), "")) {
            for (Entry folder : folders) {
                packer.folder(folder);
            }
            reading.copy(files, packer);
            // Of a million of them nobody needs more than the name from here on.
            files.clear();
            return packer.complete(number);
        }
    }

    private Chunk await(Future<Chunk> chunk) throws IOException, InterruptedException {
        while (true) {
            try {
                return chunk.get(100, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                watch.check();
                watch.progress(new Progress("base backup", bytes.get(), server.bytes(), "bytes"));
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RecoveryFailure failure) {
                    throw failure;
                }
                if (e.getCause() instanceof IOException failure) {
                    throw failure;
                }
                throw new RecoveryFailure(
                        FailureCode.IO_FAILED,
                        "cannot pack a chunk of the backup: " + e.getCause(),
                        "it is tried again",
                        e);
            }
        }
    }

    private DataObjects data() {
        return access.data();
    }
}
