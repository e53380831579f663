package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.Version;
import dev.lifeboat.activities.store.StoredData;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings a base backup back into the copy's directory: chunks side by side on all cores, each checked against its digest
 * and every file against PostgreSQL's manifest. An attempt that was killed goes on at the first chunk that is missing.
 * {@code global/pg_control} comes last, so a directory that is half restored cannot be started.
 */
final class BaseBackupRestore {

    private static final long SPARE = 512L << 20;
    private static final int READINGS = 3;
    private static final Duration CHOWN = Duration.ofMinutes(30);

    private final RecoveryPlan plan;
    private final RecoveryWorkspace workspace;
    private final ObjectStore store;
    private final BaseBackupManifest manifest;
    private final List<Chunk> chunks;
    private final OutsideConfiguration outside;
    private final Watch watch;
    private final ChunkUnpacker unpacker;
    private final CopyTablespaces tablespaces;
    private final EarlierChunks earlier;
    private final AtomicLong written = new AtomicLong();

    BaseBackupRestore(
            RecoveryPlan plan,
            RecoveryWorkspace workspace,
            ObjectStore store,
            BaseBackupManifest manifest,
            OutsideConfiguration outside,
            Watch watch) {
        this.plan = plan;
        this.workspace = workspace;
        this.store = store;
        this.manifest = manifest;
        this.chunks = manifest.allChunks();
        this.outside = outside;
        this.watch = watch;
        this.unpacker = new ChunkUnpacker(workspace);
        this.tablespaces = new CopyTablespaces(workspace);
        this.earlier = new EarlierChunks(workspace, store);
    }

    /** @return what was done, for the step table */
    String run() throws InterruptedException {
        if (workspace.has("restored")) {
            return "restored before";
        }
        try {
            begin();
            long began = System.nanoTime();
            List<Chunk> missing =
                    chunks.stream().filter(chunk -> !isDone(chunk)).toList();
            long todo = missing.stream().mapToLong(Chunk::plainBytes).sum();
            written.set(total() - todo);
            requireSpace(missing);
            Transcript.note("restores %d of %d chunks, %d bytes, from %s to %s"
                    .formatted(
                            missing.size(),
                            chunks.size(),
                            todo,
                            store.addressOf(BucketLayout.baseBackup(
                                    plan.cluster(),
                                    plan.systemId(),
                                    plan.backup().id())),
                            workspace.copy()));
            restore(missing);
            Transcript.note("every chunk has its SHA-256, every file its sum of backup_manifest");
            outside.arrange();
            tablespaces.link();
            own();
            Files.move(
                    unpacker.heldControl(),
                    workspace.copy().resolve(BaseBackupManifest.CONTROL_FILE),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            workspace.write("restored", plan.backup().id() + "\n");
            return detail(todo, missing.size(), System.nanoTime() - began) + ", base backup "
                    + plan.backup().id();
        } catch (IOException e) {
            throw FileTrees.failed("restore base backup " + plan.backup().id() + " to " + workspace.copy(), e);
        }
    }

    private void begin() throws IOException {
        Path copy = workspace.copy();
        requirePlaces();
        boolean anew = !workspace.has("copy-begun");
        if (anew) {
            if (!FileTrees.isEmptyOrMissing(copy)) {
                throw new RecoveryFailure(
                        FailureCode.DIRECTORY_NOT_EMPTY,
                        "cannot restore to %s: it is not empty, and this run did not fill it".formatted(copy),
                        "name an empty directory, or move its content away");
            }
            workspace.write("copy-begun", copy + "\n");
        }
        FileTrees.makePrivate(copy, workspace.user());
        tablespaces.begin(anew);
    }

    /** The plan was made from the catalogue's words; the manifest is what is restored. */
    private void requirePlaces() {
        manifest.tablespaces().forEach((oid, found) -> {
            boolean placed = workspace.tablespaces().stream()
                    .anyMatch(place -> place.oid().equals(oid));
            if (found.location().startsWith("/") && !placed) {
                throw new RecoveryFailure(
                        FailureCode.COPY_POINTS_AT_LIVE,
                        "cannot restore base backup %s: the plan has no place for its tablespace %s, which lay in %s"
                                .formatted(manifest.id(), found.name(), found.location()),
                        "abort, and plan again");
            }
        });
    }

    /** The chunk with PostgreSQL's manifest first: the files of all others are compared with it. */
    private void restore(List<Chunk> missing) throws InterruptedException, IOException {
        Chunk listing = chunks.stream()
                .filter(chunk -> chunk.files().contains(BaseBackupManifest.BACKUP_MANIFEST))
                .findFirst()
                .orElseThrow(() -> damaged("it has no " + BaseBackupManifest.BACKUP_MANIFEST, List.of()));
        if (missing.contains(listing)) {
            restore(listing, Optional.empty());
        }
        BackupManifestFile manifest = listing();
        List<String> lacking = manifest.notAmong(chunks);
        if (!lacking.isEmpty()) {
            throw damaged("no chunk holds what PostgreSQL's manifest lists", lacking);
        }
        ExecutorService pool = Executors.newFixedThreadPool(
                Math.max(2, Runtime.getRuntime().availableProcessors()), new Daemons("restore"));
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Chunk chunk : missing) {
                if (!chunk.equals(listing)) {
                    running.add(pool.submit(() -> {
                        restore(chunk, Optional.of(manifest));
                        return null;
                    }));
                }
            }
            for (Future<?> future : running) {
                await(future);
            }
        } finally {
            pool.shutdownNow();
            Daemons.awaitEnd(pool, Duration.ofMinutes(2));
        }
    }

    private BackupManifestFile listing() throws IOException {
        try {
            return BackupManifestFile.read(workspace.copy().resolve(BaseBackupManifest.BACKUP_MANIFEST));
        } catch (JsonProcessingException e) {
            throw damaged(
                    "its %s cannot be understood: %s"
                            .formatted(BaseBackupManifest.BACKUP_MANIFEST, e.getOriginalMessage()),
                    List.of());
        }
    }

    private void await(Future<?> future) throws InterruptedException, IOException {
        while (true) {
            watch.check();
            watch.progress(new Progress("base backup " + plan.backup().id(), written.get(), total(), "bytes"));
            try {
                future.get(200, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                // Not yet.
            } catch (ExecutionException e) {
                if (e.getCause() instanceof IOException io) {
                    throw io;
                }
                if (e.getCause() instanceof RuntimeException runtime) {
                    throw runtime;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    private void restore(Chunk chunk, Optional<BackupManifestFile> manifest) throws IOException {
        Map<String, BackupManifestFile.Sum> files;
        try {
            files = unpack(chunk);
        } catch (ChunkUnpacker.Damaged e) {
            files = unpackEarlier(chunk, "chunk %s: %s".formatted(key(chunk), e.getMessage()));
        } catch (RecoveryFailure e) {
            if (e.code() != FailureCode.OBJECT_MISSING) {
                throw e;
            }
            files = unpackEarlier(chunk, "chunk %s is not in the bucket".formatted(key(chunk)));
        }
        BackupManifestFile listed = manifest.isPresent() ? manifest.get() : listing();
        List<String> wrong = files.entrySet().stream()
                .map(file -> listed.disagreement(chunk.pathOf(file.getKey()), file.getValue()))
                .flatMap(Optional::stream)
                .toList();
        if (!wrong.isEmpty()) {
            throw damaged("chunk %s: %s".formatted(key(chunk), String.join("; ", wrong)), chunk.files());
        }
        Files.writeString(done(chunk), chunk.sha256());
    }

    /** Bytes may be changed on their way only: a damaged chunk is read again before its backup is called so. */
    private Map<String, BackupManifestFile.Sum> unpack(Chunk chunk) throws IOException {
        for (int done = 1; ; done++) {
            try {
                return unpackOnce(chunk);
            } catch (ChunkUnpacker.Damaged e) {
                if (done == READINGS) {
                    throw e;
                }
                Transcript.note("reads chunk %s again: %s".formatted(key(chunk), e.getMessage()));
            }
        }
    }

    /** @throws RecoveryFailure BACKUP_DAMAGED where the bucket keeps no version of it with the manifest's digest */
    private Map<String, BackupManifestFile.Sum> unpackEarlier(Chunk chunk, String wrong) throws IOException {
        Version version = earlier.find(key(chunk), chunk).orElseThrow(() -> damaged(wrong, chunk.files()));
        try (StoredData stored = earlier.open(key(chunk), version)) {
            Map<String, BackupManifestFile.Sum> files =
                    unpacker.unpack(stored, chunk.sha256(), root(chunk), written::addAndGet);
            earlier.taken(key(chunk), version, wrong);
            return files;
        } catch (ChunkUnpacker.Damaged e) {
            throw damaged(wrong, chunk.files());
        }
    }

    private Map<String, BackupManifestFile.Sum> unpackOnce(Chunk chunk) throws IOException {
        try (StoredData stored = open(chunk)) {
            return unpacker.unpack(stored, chunk.sha256(), root(chunk), written::addAndGet);
        }
    }

    private StoredData open(Chunk chunk) throws ChunkUnpacker.Damaged {
        try {
            return DataObjects.of(store).open(key(chunk));
        } catch (RecoveryFailure e) {
            if (DataObjects.isDamage(e)) {
                throw new ChunkUnpacker.Damaged(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private RecoveryFailure damaged(String what, List<String> files) {
        return damaged(plan, what, files);
    }

    /** @param files that are hurt by it; empty where it is not known, or all of them */
    static RecoveryFailure damaged(RecoveryPlan plan, String what, List<String> files) {
        String hurt = files.isEmpty()
                ? ""
                : "; it holds %s: %s%s"
                        .formatted(
                                ReportWords.count(files.size(), "file", "files"),
                                String.join(", ", files.subList(0, Math.min(10, files.size()))),
                                files.size() > 10 ? " …" : "");
        return new RecoveryFailure(
                FailureCode.BACKUP_DAMAGED,
                "base backup %s is damaged: %s%s".formatted(plan.backup().id(), what, hurt),
                "abort, and start again with another backup: 'lifeboat backups %s' lists them, --backup names one"
                        .formatted(plan.cluster()));
    }

    private String key(Chunk chunk) {
        return chunk.key(plan.cluster(), plan.systemId(), plan.backup().id());
    }

    private boolean isDone(Chunk chunk) {
        try {
            return Files.exists(done(chunk)) && Files.readString(done(chunk)).equals(chunk.sha256());
        } catch (IOException e) {
            return false;
        }
    }

    private Path done(Chunk chunk) {
        return workspace.restoredChunks().resolve(String.format(Locale.ROOT, "%06d", chunk.number()));
    }

    private Path root(Chunk chunk) {
        return chunk.tablespace().isEmpty() ? workspace.copy() : tablespaces.root(chunk.tablespace());
    }

    /** On each file system that a part of it goes to. */
    private void requireSpace(List<Chunk> missing) throws IOException {
        Map<Object, Long> todo = new HashMap<>();
        Map<Object, Path> folders = new HashMap<>();
        for (Chunk chunk : missing) {
            Path folder = root(chunk);
            folder = Files.isDirectory(folder) ? folder : workspace.copy();
            Object device = Files.getAttribute(folder, "unix:dev");
            folders.putIfAbsent(device, folder);
            todo.merge(device, chunk.plainBytes(), Long::sum);
        }
        for (Map.Entry<Object, Path> each : folders.entrySet()) {
            requireSpace(each.getValue(), todo.getOrDefault(each.getKey(), 0L));
        }
    }

    private void requireSpace(Path folder, long todo) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        long wanted = todo + todo / 20 + SPARE;
        if (free < wanted) {
            throw new RecoveryFailure(
                    FailureCode.TOO_LITTLE_SPACE,
                    "cannot restore base backup %s to %s: it needs %s, %s are free"
                            .formatted(plan.backup().id(), folder, Bytes.text(wanted), Bytes.text(free)),
                    "free space on that file system, then 'lifeboat retry'");
        }
    }

    /** PostgreSQL refuses a data directory with another owner. */
    private void own() {
        ServerUser worker = new ServerUser(null);
        if (workspace.user().name().equals(worker.name())) {
            return;
        }
        List<Path> folders = new ArrayList<>(tablespaces.roots());
        folders.addAll(List.of(workspace.copy(), workspace.config(), workspace.restoredChunks()));
        for (Path folder : folders) {
            if (Files.exists(folder)) {
                Commands.require(
                        worker,
                        List.of("chown", "-R", "-h", workspace.user().name() + ":", folder.toString()),
                        Map.of(),
                        CHOWN);
            }
        }
    }

    private long total() {
        return chunks.stream().mapToLong(Chunk::plainBytes).sum();
    }

    private static String detail(long bytes, int count, long nanos) {
        double seconds = Math.max(0.001, nanos / 1e9);
        return "%s, %s, %s/s"
                .formatted(ReportWords.count(count, "chunk", "chunks"), Bytes.text(bytes), Bytes.text((long)
                        (bytes / seconds)));
    }
}
