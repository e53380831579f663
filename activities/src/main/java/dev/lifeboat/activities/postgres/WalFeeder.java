package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Fetches WAL ahead of the copy's server into the workspace, and answers what the restore shim asks for. What the plan
 * needs is never called absent: a hole stops the server, because without a target it would promote there.
 */
final class WalFeeder implements AutoCloseable {

    private static final long AHEAD_BYTES = 512L << 20;
    private static final int AHEAD_MOST = 48;
    private static final long POLL_MILLIS = 5;
    /** What the server has taken meanwhile matters only for how far ahead to be, and asking costs a call for each file. */
    private static final long LOOK_MILLIS = 25;

    private static final long AWAY_MILLIS = 500;

    private final RecoveryWorkspace workspace;
    private final NeededWal path;
    private final WalSupply source;
    private final TablespaceGuard guard;
    private final int ahead;
    private final ExecutorService pool = Executors.newCachedThreadPool(new Daemons("wal-feeder"));
    private final Set<String> inFlight = new HashSet<>();
    private final Set<String> ready = new HashSet<>();

    private volatile boolean closed;
    private volatile @Nullable RecoveryFailure fatal;
    private volatile @Nullable RecoveryFailure away;
    private long next;
    private long reached;
    private long lookedAt = System.nanoTime();

    /** @param from number of the segment that the server will ask for first */
    WalFeeder(RecoveryWorkspace workspace, NeededWal path, WalSupply source, long from) {
        this.workspace = workspace;
        this.path = path;
        this.source = source;
        this.guard = new TablespaceGuard(path, source);
        this.ahead =
                (int) Math.max(2, Math.min(AHEAD_MOST, AHEAD_BYTES / path.size().bytes()));
        this.next = Math.max(from, path.first());
        this.reached = next;
    }

    void start(int workers) throws IOException {
        try (DirectoryStream<Path> old = Files.newDirectoryStream(workspace.absent())) {
            for (Path answer : old) {
                Files.deleteIfExists(answer);
            }
        }
        for (int i = 0; i < workers; i++) {
            pool.execute(this::work);
        }
    }

    /** What makes going on pointless; the server gets no answer but "stop" from then on. */
    Optional<RecoveryFailure> fatal() {
        return Optional.ofNullable(fatal);
    }

    /** Present while the store cannot be reached. */
    Optional<RecoveryFailure> away() {
        return Optional.ofNullable(away);
    }

    /** How many of the plan's segments the server has taken. */
    synchronized long taken() {
        forgetTaken();
        long waiting = ready.stream().filter(path::needs).count();
        return Math.max(0, Math.min(reached, path.last() + 1) - path.first() - waiting);
    }

    @Override
    public void close() {
        closed = true;
        pool.shutdownNow();
        Daemons.awaitEnd(pool, Duration.ofMinutes(2));
    }

    private void work() {
        while (!closed) {
            Optional<String> name = Optional.empty();
            try {
                name = fatal == null ? claim() : stopWhoAsks();
                if (name.isPresent()) {
                    bring(name.get(), requestFor(name.get()));
                } else {
                    Thread.sleep(POLL_MILLIS);
                }
            } catch (InterruptedException e) {
                return;
            } catch (IOException e) {
                remember(FileTrees.failed("put WAL into " + workspace.wal(), e));
            } catch (RecoveryFailure e) {
                remember(e);
            } catch (RuntimeException e) {
                remember(new RecoveryFailure(
                        FailureCode.IO_FAILED, "cannot fetch WAL: " + e, "it is tried again from the last segment", e));
            } finally {
                name.ifPresent(this::release);
            }
        }
    }

    /** Requests first; they also tell where the server is, which starts over from an earlier segment after a crash. */
    private synchronized Optional<String> claim() throws IOException, InterruptedException {
        if (away != null) {
            // One at a time until the store is back.
            Thread.sleep(AWAY_MILLIS / 10);
        }
        for (String wanted : wanted()) {
            if (inFlight.contains(wanted) || Files.exists(workspace.wal().resolve(wanted))) {
                continue;
            }
            if (path.needs(wanted)) {
                next = path.size().parse(wanted).number() + 1;
                reached = Math.max(reached, next);
            }
            inFlight.add(wanted);
            return Optional.of(wanted);
        }
        if (ready.size() + inFlight.size() >= ahead && System.nanoTime() - lookedAt > LOOK_MILLIS * 1_000_000) {
            forgetTaken();
            lookedAt = System.nanoTime();
        }
        while (fatal == null && next <= path.last() && ready.size() + inFlight.size() < ahead) {
            String name = path.nameOf(next++);
            reached = Math.max(reached, next);
            if (!ready.contains(name) && inFlight.add(name)) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }

    private synchronized void release(String name) {
        inFlight.remove(name);
    }

    private void bring(String name, Optional<String> request) throws IOException, InterruptedException {
        if (Files.exists(workspace.wal().resolve(name))) {
            keep(name);
            return;
        }
        Path fresh = workspace.wal().resolve("." + name);
        Files.deleteIfExists(fresh);
        boolean found = fetchPatiently(name, fresh);
        if (!found && Files.exists(workspace.salvaged().resolve(name))) {
            Files.copy(workspace.salvaged().resolve(name), fresh, StandardCopyOption.REPLACE_EXISTING);
            found = true;
        }
        if (!found) {
            answerAbsent(name, request);
            return;
        }
        if (WalSegmentSize.isSegmentName(name)
                && Files.size(fresh) != path.size().bytes()) {
            throw new RecoveryFailure(
                    FailureCode.WAL_DAMAGED,
                    "cannot replay %s: it is %d bytes long, not %d"
                            .formatted(name, Files.size(fresh), path.size().bytes()),
                    "choose a target before that segment, or bring the segment back into the archive");
        }
        guard.check(name, fresh);
        workspace.user().own(fresh);
        synchronized (this) {
            Files.move(fresh, workspace.wal().resolve(name), StandardCopyOption.ATOMIC_MOVE);
            ready.add(name);
        }
    }

    private synchronized void keep(String name) {
        ready.add(name);
    }

    private boolean fetchPatiently(String name, Path into) throws IOException, InterruptedException {
        while (true) {
            try {
                boolean found = source.fetch(name, into);
                away = null;
                return found;
            } catch (RecoveryFailure failure) {
                if (failure.code() != FailureCode.OBJECT_STORE_UNREACHABLE || closed) {
                    throw failure;
                }
                away = failure;
                Thread.sleep(AWAY_MILLIS);
            }
        }
    }

    private void answerAbsent(String name, Optional<String> request) throws IOException {
        if (path.needs(name)) {
            throw new RecoveryFailure(
                    FailureCode.WAL_GAP,
                    "cannot replay beyond %s: that segment is needed up to %s, and the archive has none of that name"
                            .formatted(name, path.plan().lastSegment()),
                    "bring the segment back into the archive, then 'lifeboat retry'; or abort and choose an earlier target");
        }
        if (request.isPresent()) {
            answer(name, request.get());
        }
    }

    private void remember(RecoveryFailure failure) {
        if (failure.code() == FailureCode.OBJECT_STORE_UNREACHABLE) {
            away = failure;
            return;
        }
        if (fatal == null && !closed) {
            fatal = failure;
        }
    }

    private Optional<String> stopWhoAsks() throws IOException {
        for (String wanted : wanted()) {
            answer(wanted, RestoreShim.STOP);
        }
        return Optional.empty();
    }

    private void answer(String name, String text) throws IOException {
        Path fresh = workspace.absent().resolve("." + name);
        Files.writeString(fresh, text);
        workspace.user().own(fresh);
        Files.move(fresh, workspace.absent().resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private Optional<String> requestFor(String name) throws IOException {
        try {
            return Optional.of(Files.readString(workspace.want().resolve(name), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private List<String> wanted() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> requests = Files.newDirectoryStream(workspace.want())) {
            for (Path request : requests) {
                String name = String.valueOf(request.getFileName());
                if (!name.startsWith(".") && !isAnswered(name)) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private boolean isAnswered(String name) throws IOException {
        try {
            String answer = Files.readString(workspace.absent().resolve(name), StandardCharsets.UTF_8);
            return answer.equals(RestoreShim.STOP)
                    || requestFor(name).filter(answer::equals).isPresent();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void forgetTaken() {
        ready.removeIf(name -> !Files.exists(workspace.wal().resolve(name)));
    }
}
