package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies finished WAL files to the bucket, ahead of PostgreSQL's asking and several at a time, for ever. The data
 * directory is looked up anew each time: it may be swapped, or be gone. Only one process archives a cluster.
 */
final class WalArchiver implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WalArchiver.class);

    /** One waits for the store while each core compresses another; more would only take heap. */
    private static final int PARALLEL =
            Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors() + 1));

    private static final long WINDOW_BYTES = 80L << 20;
    private static final int FLUSH_AFTER = 16;
    private static final long POLL_MILLIS = 100;
    private static final long AFTER_FAILURE_MILLIS = 1_000;

    private final ClusterAccess access;
    private final ArchiveNotes notes;
    private final WalBuffers buffers = new WalBuffers();
    private final ExecutorService pool = Executors.newFixedThreadPool(PARALLEL, task -> daemon(task, "archive-wal"));
    private final Thread thread;
    private volatile ArchiverStatus status = ArchiverStatus.IDLE;
    private @Nullable WorkspaceLock lock;
    private volatile @Nullable WalIndexer indexer;
    private String indexedSystem = "";
    private boolean caughtUp;
    private @Nullable String lastError;
    private @Nullable String lastArchived;
    private @Nullable Instant lastArchivedAt;
    private long files;
    private long bytes;
    private long failures;

    WalArchiver(ClusterAccess access) {
        this.access = access;
        this.notes = new ArchiveNotes(access.folder(), access.user());
        this.thread = daemon(this::run, "wal-archiver");
    }

    void start() {
        thread.start();
    }

    ArchiverStatus status() {
        return status;
    }

    /** Whether the index in the bucket lacks something that it will get as soon as it can be written. */
    boolean owesIndex() {
        WalIndexer known = indexer;
        return known != null && known.owes();
    }

    @Override
    public void close() {
        thread.interrupt();
        pool.shutdownNow();
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (lock != null) {
            lock.close();
        }
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(attempt() ? POLL_MILLIS : AFTER_FAILURE_MILLIS);
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private boolean attempt() throws InterruptedException {
        try {
            if (!Files.isDirectory(access.cluster().dataDirectory())) {
                status = status(List.of());
                return false;
            }
            if (lock == null) {
                notes.install();
                lock = WorkspaceLock.take(access.folder().archiverLock(), access.user());
            }
            return archiveReady();
        } catch (IOException | RuntimeException e) {
            failed(inWords(e));
            status = status(List.of());
            return false;
        }
    }

    private boolean archiveReady() throws IOException, InterruptedException {
        List<Ready> ready = ready();
        status = status(ready);
        if (ready.isEmpty()) {
            notes.removeAllBut(Set.of());
            buffers.clear();
            catchUp();
            succeeded();
            status = status(ready);
            return true;
        }
        String systemId = ArchiveNotes.systemId(access.cluster().dataDirectory());
        WalArchive archive = access.archive(systemId);
        WalIndexer index = indexer(systemId);
        List<Ready> open = new ArrayList<>();
        for (Ready file : ready) {
            if (!isNoted(systemId, file)) {
                open.add(file);
            }
        }
        boolean fine = archiveAll(archive, index, open);
        notes.removeAllBut(Set.copyOf(ready.stream().map(Ready::name).toList()));
        if (fine) {
            succeeded();
        }
        status = status(ready());
        return fine;
    }

    private WalIndexer indexer(String systemId) {
        WalIndexer known = indexer;
        if (known == null || !indexedSystem.equals(systemId)) {
            known = new WalIndexer(access.archive(systemId));
            indexer = known;
            indexedSystem = systemId;
            caughtUp = false;
        }
        return known;
    }

    /** While nothing waits: a segment at a time of those that the index says too little of. */
    private void catchUp() throws IOException {
        WalIndexer known = indexer;
        if ((!caughtUp || known != null && known.owes())
                && Files.exists(access.cluster().dataDirectory().resolve("global/pg_control"))) {
            WalIndexer index = indexer(ArchiveNotes.systemId(access.cluster().dataDirectory()));
            caughtUp = !index.catchUp();
        }
    }

    private boolean isNoted(String systemId, Ready file) throws IOException {
        return Files.exists(file.path()) && notes.has(file.name(), ArchiveNotes.identity(systemId, file.path()));
    }

    /**
     * A few are on their way at any time, the next one as soon as the oldest has arrived; noted and indexed in the order of
     * the log.
     *
     * @return false after a failure: what is ready is then looked at anew, after a pause
     */
    private boolean archiveAll(WalArchive archive, WalIndexer index, List<Ready> waiting) throws InterruptedException {
        Deque<Map.Entry<Ready, Future<Archived>>> underway = new ArrayDeque<>();
        boolean fine = true;
        int sinceFlush = 0;
        try {
            for (int next = 0; fine && next < waiting.size() || !underway.isEmpty(); ) {
                while (fine && next < waiting.size() && underway.size() < window(waiting.get(next))) {
                    Ready file = waiting.get(next++);
                    underway.add(Map.entry(file, pool.submit(() -> archive(archive, file))));
                }
                Map.Entry<Ready, Future<Archived>> oldest = underway.remove();
                fine &= arrived(index, oldest.getKey().name(), oldest.getValue());
                if (++sinceFlush >= FLUSH_AFTER) {
                    index.flush();
                    sinceFlush = 0;
                }
            }
        } finally {
            index.flush();
        }
        return fine;
    }

    /** By size, so that segments of a gigabyte are not all held at once. */
    private static int window(Ready file) {
        try {
            return (int) Math.max(1, Math.min(PARALLEL, WINDOW_BYTES / Math.max(Files.size(file.path()), 1 << 20)));
        } catch (IOException e) {
            // It is gone, which archiving it says better.
            return 1;
        }
    }

    private boolean arrived(WalIndexer index, String name, Future<Archived> running) throws InterruptedException {
        try {
            Archived archived = running.get();
            // PostgreSQL waits for the note, nobody for the index.
            notes.write(name, archived.identity());
            lastArchived = name;
            lastArchivedAt = Instant.now();
            files++;
            bytes += archived.content().bytes().length;
            index.add(name, archived.content().bytes());
            archived.content().release();
            return true;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            failed(inWords(cause));
        } catch (IOException e) {
            failed("cannot note that %s is archived: %s".formatted(name, e));
        }
        return false;
    }

    private record Archived(String identity, WalBuffers.Content content) {}

    private Archived archive(WalArchive archive, Ready file) throws IOException {
        String before = ArchiveNotes.identity(archive.systemId(), file.path());
        WalBuffers.Content content = buffers.read(file.path());
        try {
            archive.store(file.name(), content.bytes());
            return new Archived(before, content);
        } catch (RuntimeException e) {
            content.release();
            throw e;
        }
    }

    private record Ready(String name, Path path, Instant since) {}

    /** What PostgreSQL has finished: history files first, as it does itself, then by name. */
    private List<Ready> ready() throws IOException {
        Path wal = access.liveWal();
        Path states = wal.resolve("archive_status");
        if (!Files.isDirectory(states)) {
            return List.of();
        }
        List<Ready> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(states)) {
            for (Path file : files.toList()) {
                String state = file.getFileName().toString();
                String name = state.endsWith(".ready") ? state.substring(0, state.length() - 6) : "";
                if (WalArchive.isWalFile(name)) {
                    found.add(new Ready(name, wal.resolve(name), since(file)));
                }
            }
        }
        found.sort(Comparator.<Ready, Boolean>comparing(file -> !file.name().endsWith(".history"))
                .thenComparing(Ready::name));
        return found;
    }

    private static Instant since(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            // PostgreSQL has just marked it as done.
            return Instant.now();
        }
    }

    private ArchiverStatus status(List<Ready> ready) {
        Instant now = Instant.now();
        Duration oldest = ready.stream()
                .map(file -> Duration.between(file.since(), now))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        return new ArchiverStatus(
                lock != null, ready.size(), oldest, lastArchived, lastArchivedAt, lastError, files, bytes, failures);
    }

    /** What only a person can change is said with what to do: the archiver itself goes on trying for ever. */
    private static String inWords(Throwable failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return failure instanceof RecoveryFailure known && !known.code().isRetriedByMachine()
                ? message + " (" + known.hint() + ")"
                : message;
    }

    /** Says a thing once, not with every attempt. */
    private void failed(String why) {
        failures++;
        if (!why.equals(lastError)) {
            log.warn(
                    "cannot archive WAL of {} now, trying on: {}",
                    access.cluster().name(),
                    why);
            lastError = why;
        }
    }

    /** With nothing to archive too: what had failed before is over, and may have nothing to do with any file. */
    private void succeeded() {
        if (lastError != null) {
            log.info("archiving WAL of {} goes on", access.cluster().name());
            lastError = null;
        }
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
