package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.BaseBackupManifest.OutsideFile;
import dev.lifeboat.activities.postgres.BaseBackupManifest.Place;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Tablespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of {@code pg_basebackup}, cut into chunks on its way to the bucket. */
final class BaseBackupTaker {

    private static final Logger log = LoggerFactory.getLogger(BaseBackupTaker.class);
    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final ClusterAccess access;
    private final Fence fence;
    private final Watch watch;
    private final long chunkBytes;

    /** @param watch is told the plain bytes that were copied so far */
    BaseBackupTaker(ClusterAccess access, Fence fence, Watch watch, long chunkBytes) {
        this.access = access;
        this.fence = fence;
        this.watch = watch;
        this.chunkBytes = chunkBytes;
    }

    BaseBackupManifest take() throws IOException, InterruptedException {
        ServerFacts server = ServerFacts.read(access);
        for (BaseBackupManifest earlier : access.backups().manifests(server.systemId())) {
            if (earlier.runId().equals(fence.runId())) {
                return earlier;
            }
        }
        access.leases().check(fence);
        BackupSpool.of(access).clear();
        clearUnfinished(server.systemId());
        return stream(server);
    }

    private BaseBackupManifest stream(ServerFacts server) throws IOException, InterruptedException {
        Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        String id = freeId(server.systemId(), started);
        String cluster = access.cluster().name();
        try (ChunkWriter writer = new ChunkWriter(
                access.store(), number -> BucketLayout.chunk(cluster, server.systemId(), id, number), chunkBytes)) {
            BackupPassage passing = new BackupPassage(server, id, writer, watch);
            Map<String, Place> tablespaces = server.tablespaces().isEmpty() ? directly(passing) : overSpool(passing);
            requireSameCluster(server, passing.ends());
            List<OutsideFile> outside = passing.outside();
            Transcript.note("pg_basebackup exited with 0; %d bytes".formatted(passing.bytes()));
            List<Chunk> chunks = writer.finish();
            chunks.forEach(chunk -> Transcript.note("stored chunk %06d: %d files, %d bytes, %d stored, SHA-256 %s"
                    .formatted(
                            chunk.number(), chunk.files().size(), chunk.plainBytes(), chunk.size(), chunk.sha256())));
            requireStored(server.systemId(), id, chunks);
            BaseBackupManifest manifest = manifest(passing, started, outside, tablespaces, chunks);
            access.leases().check(fence);
            String key = BucketLayout.baseBackupManifest(cluster, server.systemId(), id);
            RestorePage.keep(access.store());
            access.store().put(key, Json.write(manifest));
            log.info("took base backup {} of {}: {} bytes in {} chunks", id, cluster, manifest.bytes(), chunks.size());
            return manifest;
        }
    }

    /** The tar stream as PostgreSQL sends it, with no copy on disk. */
    private Map<String, Place> directly(BackupPassage passing) throws IOException, InterruptedException {
        BackupProgram program = new BackupProgram(access);
        Path errors = Files.createTempFile("lifeboat-basebackup", ".err");
        Process process = program.toStandardOutput(passing.id(), errors);
        try (ProcessGuard guard = new ProcessGuard(process, watch)) {
            passing.tar(process.getInputStream());
            if (process.waitFor() != 0) {
                throw new IOException("pg_basebackup failed");
            }
            passing.copied();
            return Map.of();
        } catch (IOException e) {
            // A broken stream is most often pg_basebackup's end, and its own words say more.
            process.destroy();
            process.waitFor();
            throw program.failed(process, Files.readString(errors).strip(), e);
        } finally {
            process.destroyForcibly();
            Transcript.quote("pg_basebackup said", Files.readString(errors, StandardCharsets.UTF_8));
            Files.deleteIfExists(errors);
        }
    }

    /** Tablespace by tablespace, the data directory last, PostgreSQL's manifest at the very end. */
    private Map<String, Place> overSpool(BackupPassage passing) throws IOException, InterruptedException {
        BackupSpool spool = BackupSpool.of(access);
        spool.requireRoom(
                access.cluster().name(),
                BackupSpool.sizeOf(passing.server(), access.cluster().dataDirectory()));
        try {
            Path folder = spool.begin(passing.id());
            putDown(passing.id(), folder);
            passing.copied();
            Map<String, Path> tars = BackupSpool.tablespaces(folder);
            Map<String, Place> places = places(passing.server(), tars);
            for (Map.Entry<String, Path> each : tars.entrySet()) {
                passing.tar(each.getKey(), each.getValue());
            }
            passing.tar("", BackupSpool.base(folder));
            passing.file(folder.resolve(BaseBackupManifest.BACKUP_MANIFEST));
            return places;
        } finally {
            spool.clear();
        }
    }

    private void putDown(String id, Path folder) throws IOException, InterruptedException {
        BackupProgram program = new BackupProgram(access);
        Process process = program.toFolder(id, folder);
        try (ProcessGuard guard = new ProcessGuard(process, watch)) {
            String words = BackupSpool.follow(process, watch);
            Transcript.quote("pg_basebackup said", words);
            if (process.waitFor() != 0) {
                watch.check();
                throw program.failed(process, words, new IOException("pg_basebackup failed"));
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /** One that was made or dropped meanwhile is known from before or after; one that is missing altogether is no backup. */
    private Map<String, Place> places(ServerFacts before, Map<String, Path> tars) throws IOException {
        Map<String, Tablespace> known = new HashMap<>();
        List<Tablespace> after = ServerFacts.tablespacesNow(access);
        after.forEach(each -> known.put(each.oid(), each));
        for (Tablespace each : before.tablespaces()) {
            if (known.put(each.oid(), each) != null && !tars.containsKey(each.oid())) {
                throw incomplete("tablespace %s (%s) is in use, and pg_basebackup wrote no tar of it"
                        .formatted(each.name(), each.oid()));
            }
        }
        Map<String, Place> places = new TreeMap<>();
        for (Map.Entry<String, Path> tar : tars.entrySet()) {
            Tablespace tablespace = known.get(tar.getKey());
            if (tablespace == null) {
                throw incomplete("pg_basebackup wrote a tar of tablespace %s, which the server does not know"
                        .formatted(tar.getKey()));
            }
            places.put(tar.getKey(), new Place(tablespace.name(), tablespace.location(), Files.size(tar.getValue())));
        }
        return places;
    }

    private RecoveryFailure incomplete(String why) {
        return new RecoveryFailure(
                FailureCode.COMMAND_FAILED,
                "cannot back up %s: %s".formatted(access.cluster().name(), why),
                "tablespaces were changed while it ran; it is tried again");
    }

    private void requireSameCluster(ServerFacts server, BackupEnds ends) {
        if (!ends.systemId().equals(server.systemId())) {
            throw new RecoveryFailure(
                    FailureCode.WRONG_SYSTEM_ID,
                    "the server at %s:%d has system identifier %s, the data directory %s has %s"
                            .formatted(
                                    access.cluster().host(),
                                    access.cluster().port(),
                                    ends.systemId(),
                                    access.cluster().dataDirectory(),
                                    server.systemId()),
                    "make host, port and data-directory in lifeboat.yaml name the same cluster");
        }
    }

    /** A ghost of this very run may have cleared what it took for leftovers: only what is there may be called a backup. */
    private void requireStored(String systemId, String id, List<Chunk> chunks) {
        String folder = BucketLayout.baseBackup(access.cluster().name(), systemId, id);
        Map<String, Long> stored =
                access.store().list(folder).stream().collect(Collectors.toMap(StoredObject::key, StoredObject::size));
        for (Chunk chunk : chunks) {
            Long size = stored.get(BucketLayout.chunk(access.cluster().name(), systemId, id, chunk.number()));
            if (size == null || size != chunk.size()) {
                throw new RecoveryFailure(
                        FailureCode.BUSY_WITH_OTHER_ATTEMPT,
                        "chunk %d of backup %s has %d bytes, the bucket holds %s"
                                .formatted(chunk.number(), id, chunk.size(), size),
                        "another attempt has cleared it; it is tried again");
            }
        }
    }

    private BaseBackupManifest manifest(
            BackupPassage passed,
            Instant started,
            List<OutsideFile> outside,
            Map<String, Place> tablespaces,
            List<Chunk> chunks) {
        ServerFacts server = passed.server();
        return new BaseBackupManifest(
                BaseBackupManifest.FORMAT,
                passed.id(),
                access.cluster().name(),
                server.systemId(),
                server.version(),
                passed.ends().timeline(),
                passed.ends().start(),
                passed.ends().end(),
                server.segmentSize(),
                started,
                passed.copiedAt(),
                passed.bytes(),
                chunks.stream().mapToLong(Chunk::size).sum(),
                fence.runId(),
                access.workerName(),
                server.settings(),
                new HashMap<>(Map.of("pg_basebackup", server.clientVersion())),
                outside,
                tablespaces,
                chunks.size(),
                chunks,
                null);
    }

    private String freeId(String systemId, Instant started) {
        Instant second = started;
        while (access.backups().find(systemId, ID.format(second)).isPresent()) {
            second = second.plusSeconds(1);
        }
        return ID.format(second);
    }

    private void clearUnfinished(String systemId) {
        String all = BucketLayout.baseBackups(access.cluster().name(), systemId);
        access.store().discardUploads(all);
        for (String id : access.store().listFolders(all)) {
            if (access.backups().find(systemId, id).isEmpty()) {
                log.info(
                        "removing what an unfinished base backup {} of {} left",
                        id,
                        access.cluster().name());
                access.store().list(all + id + "/").forEach(object -> access.store()
                        .delete(object.key()));
            }
        }
    }
}
