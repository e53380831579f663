package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.BaseBackupManifest.OutsideFile;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
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
        clearUnfinished(server.systemId());
        return stream(server);
    }

    private BaseBackupManifest stream(ServerFacts server) throws IOException, InterruptedException {
        Instant started = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        String id = freeId(server.systemId(), started);
        String cluster = access.cluster().name();
        BackupEnds ends = new BackupEnds();
        Counter plain = new Counter();
        Path errors = Files.createTempFile("lifeboat-basebackup", ".err");
        Process process = start(id, errors);
        try (ProcessGuard guard = new ProcessGuard(process, watch);
                ChunkWriter writer = new ChunkWriter(
                        access.store(),
                        number -> BucketLayout.chunk(cluster, server.systemId(), id, number),
                        chunkBytes)) {
            pass(new TarStream(process.getInputStream()), writer, name -> (bytes, length) -> {
                ends.see(name, bytes, length);
                plain.bytes += length;
                watch.progress(new Progress("base backup", plain.bytes, server.bytes(), "bytes"));
            });
            requireSuccess(process, errors);
            Instant ended = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            requireSameCluster(server, ends);
            List<OutsideFile> outside = appendOutside(server, writer);
            List<Chunk> chunks = writer.finish();
            requireStored(server.systemId(), id, chunks);
            BaseBackupManifest manifest = manifest(server, ends, id, started, ended, plain.bytes, outside, chunks);
            access.leases().check(fence);
            String key = BucketLayout.baseBackupManifest(cluster, server.systemId(), id);
            access.store().put(key, Json.write(manifest));
            log.info("took base backup {} of {}: {} bytes in {} chunks", id, cluster, plain.bytes, chunks.size());
            return manifest;
        } catch (IOException e) {
            // A broken stream is most often pg_basebackup's end, and its own words say more.
            process.destroy();
            process.waitFor();
            throw failed(process, errors, e);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(errors);
        }
    }

    private Process start(String id, Path errors) {
        List<String> command = access.program(
                "pg_basebackup",
                "-D",
                "-",
                "-Ft",
                "-X",
                "none",
                "--checkpoint=fast",
                "--no-password",
                "--label",
                "lifeboat " + id);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(Path.of("/").toFile());
        builder.environment().putAll(access.clientEnvironment());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectError(errors.toFile());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new RecoveryFailure(
                    FailureCode.MISSING_BINARY,
                    "cannot run %s: %s".formatted(command.get(0), e.getMessage()),
                    "check bin-directory in lifeboat.yaml",
                    e);
        }
    }

    private static void pass(TarStream tar, ChunkWriter writer, Function<String, TarStream.Observer> observers)
            throws IOException, InterruptedException {
        for (TarStream.Entry entry = tar.next(); entry != null; entry = tar.next()) {
            if (entry.name().equals(BaseBackupManifest.CONTROL_FILE)) {
                writer.beginLast();
            }
            tar.copy(entry, writer.begin(entry), observers.apply(entry.name()));
        }
    }

    private void requireSuccess(Process process, Path errors) throws IOException, InterruptedException {
        if (process.waitFor() != 0) {
            throw failed(process, errors, new IOException("pg_basebackup failed"));
        }
    }

    private RecoveryFailure failed(Process process, Path errors, IOException cause) throws IOException {
        String words = Files.readString(errors, StandardCharsets.UTF_8).strip();
        String tail = words.length() <= 600 ? words : "…" + words.substring(words.length() - 600);
        return new RecoveryFailure(
                FailureCode.COMMAND_FAILED,
                "pg_basebackup of %s ended with exit code %d: %s"
                        .formatted(
                                access.cluster().name(),
                                process.exitValue(),
                                tail.isEmpty() ? cause.getMessage() : tail),
                "check that user %s may replicate and that pg_hba.conf admits it for database replication"
                        .formatted(access.cluster().user()),
                cause);
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

    private List<OutsideFile> appendOutside(ServerFacts server, ChunkWriter writer)
            throws IOException, InterruptedException {
        List<OutsideFile> outside = new ArrayList<>();
        for (Path file : server.outside()) {
            String name = BaseBackupManifest.OUTSIDE_FOLDER + outside.size() + "-" + file.getFileName();
            byte[] content = Files.readAllBytes(file);
            TarArchiveEntry header = new TarArchiveEntry(name);
            header.setSize(content.length);
            header.setMode(0100600);
            byte[] block = new byte[TarStream.BLOCK];
            header.writeEntryHeader(block);
            OutputStream out = writer.begin(new TarStream.Entry(name, content.length, true));
            out.write(block);
            out.write(content);
            out.write(new byte[(int) (TarStream.padded(content.length) - content.length)]);
            outside.add(new OutsideFile(file.toString(), name));
        }
        return outside;
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
            ServerFacts server,
            BackupEnds ends,
            String id,
            Instant started,
            Instant ended,
            long bytes,
            List<OutsideFile> outside,
            List<Chunk> chunks) {
        return new BaseBackupManifest(
                BaseBackupManifest.FORMAT,
                id,
                access.cluster().name(),
                server.systemId(),
                server.version(),
                ends.timeline(),
                ends.start(),
                ends.end(),
                server.segmentSize(),
                started,
                ended,
                bytes,
                chunks.stream().mapToLong(Chunk::size).sum(),
                fence.runId(),
                access.workerName(),
                server.settings(),
                new HashMap<>(Map.of("pg_basebackup", server.clientVersion())),
                outside,
                Map.of(),
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

    private static final class Counter {
        private long bytes;
    }
}
