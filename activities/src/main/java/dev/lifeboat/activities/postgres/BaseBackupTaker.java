package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one base backup: a copy of the server in chunks, and last, when all of it is durable, the manifest. */
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
        return take(server);
    }

    private BaseBackupManifest take(ServerFacts server) throws IOException, InterruptedException {
        Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        String id = freeId(server.systemId(), started);
        String cluster = access.cluster().name();
        BackupCopy copy = copy(server, id);
        requireSameCluster(server, copy.ends());
        Transcript.note("%s; %d bytes".formatted(copy.way(), copy.bytes()));
        copy.chunks()
                .forEach(chunk -> Transcript.note("stored chunk %06d: %d files, %d bytes, %d stored, SHA-256 %s"
                        .formatted(
                                chunk.number(),
                                chunk.files().size(),
                                chunk.plainBytes(),
                                chunk.size(),
                                chunk.sha256())));
        requireStored(server.systemId(), id, copy.chunks());
        BaseBackupManifest manifest = manifest(server, id, started, copy);
        access.leases().check(fence);
        String key = BucketLayout.baseBackupManifest(cluster, server.systemId(), id);
        RestorePage.keep(access.store());
        access.store().put(key, Json.write(manifest));
        log.info(
                "took base backup {} of {}: {} bytes in {} chunks",
                id,
                cluster,
                manifest.bytes(),
                copy.chunks().size());
        return manifest;
    }

    /** Past the server where that is possible, which is faster; else as the server sends it. */
    private BackupCopy copy(ServerFacts server, String id) throws IOException, InterruptedException {
        DataObjects data = access.data();
        IntFunction<String> keys =
                number -> data.keyFor(BucketLayout.chunk(access.cluster().name(), server.systemId(), id, number));
        if (server.tablespaces().isEmpty()) {
            Optional<BackupSession> session = BackupSession.open(access);
            if (session.isPresent()) {
                try (BackupSession open = session.get()) {
                    return new DirectBackup(access, server, id, keys, chunkBytes, watch).take(open);
                }
            }
        }
        try (ChunkWriter writer = new ChunkWriter(data, keys, chunkBytes)) {
            return new StreamedBackup(access, writer, watch).take(new BackupPassage(server, id, writer, watch));
        }
    }

    private void requireSameCluster(ServerFacts server, BackupCopy.Ends ends) {
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
            Long size = stored.get(chunk.key(access.cluster().name(), systemId, id));
            if (size == null || size != chunk.size()) {
                throw new RecoveryFailure(
                        FailureCode.BUSY_WITH_OTHER_ATTEMPT,
                        "chunk %d of backup %s has %d bytes, the bucket holds %s"
                                .formatted(chunk.number(), id, chunk.size(), size),
                        "another attempt has cleared it; it is tried again");
            }
        }
    }

    private BaseBackupManifest manifest(ServerFacts server, String id, Instant started, BackupCopy copy) {
        return new BaseBackupManifest(
                BaseBackupManifest.FORMAT,
                id,
                access.cluster().name(),
                server.systemId(),
                server.version(),
                copy.ends().timeline(),
                copy.ends().start(),
                copy.ends().end(),
                server.segmentSize(),
                started,
                copy.copiedAt(),
                copy.bytes(),
                copy.chunks().stream().mapToLong(Chunk::size).sum(),
                fence.runId(),
                access.workerName(),
                server.settings(),
                copy.tools(),
                copy.outside(),
                copy.tablespaces(),
                copy.chunks().size(),
                copy.chunks(),
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
