package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A small real cluster, a real store, and in it one intact backup with its WAL for everything that only reads. */
final class FaultWorld implements AutoCloseable {

    static final String BUCKET = "faults";
    static final String SHARED = "shared";
    static final long CHUNK_BYTES = 8L << 20;
    static final String HISTORY = "00000002.history";

    final Path folder;
    final LabPostgres server;
    final S3Engine s3;
    final S3ObjectStore shared;
    final BaseBackupManifest backup;
    final DumpManifest dump;
    /** Two finished segments, one after the other, by name. */
    final SortedMap<String, byte[]> segments = new TreeMap<>();

    private FaultWorld(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.s3 = S3Engine.startIn(folder.resolve("s3"));
        s3.createBucket(BUCKET);
        this.server = LabPostgres.in(folder.resolve("pg"))
                .initdbOptions("--wal-segsize=1")
                .settings("wal_keep_size=64MB\nmax_wal_senders=20\n")
                .start();
        this.shared = new S3ObjectStore(s3.bucket(BUCKET, SHARED), s3.environment());
        server.execute("create table item as select n, repeat('x', 500) as text from generate_series(1, 2000) n");
        finishSegment();
        this.backup = take(shared, "shared-run");
        remember(finishSegment());
        remember(finishSegment());
        WalArchive archive = access(shared).archive(backup.systemId());
        // The feeder fetches ahead all that the plan needs, the segments of the backup itself too.
        WalSegmentSize size = backup.walSegmentSize();
        long first = size.segmentAt(1, backup.startLsn()).number();
        for (long number = first; number < size.parse(segments.firstKey()).number(); number++) {
            String name = size.nameOf(new WalSegment(1, number));
            archive.store(name, server.dataDirectory().resolve("pg_wal").resolve(name));
        }
        segments.forEach(archive::store);
        archive.store(HISTORY, "1\t0/9000000\tno recovery target specified\n".getBytes(StandardCharsets.US_ASCII));
        // The last rows are in it: every dump of a cell must hold the same.
        this.dump = takeDump(shared, "shared-run");
    }

    static FaultWorld start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("lifeboat-faults");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new FaultWorld(folder);
    }

    ClusterAccess access(ObjectStore store) {
        return new ClusterAccess(server.config(), store, fence -> {}, Map.of(), "1@here");
    }

    BaseBackupManifest take(ObjectStore store, String runId) throws IOException, InterruptedException {
        return new BaseBackupTaker(access(store), new Fence("main", 1, runId), BackupWorld.NOBODY, CHUNK_BYTES).take();
    }

    DumpManifest takeDump(ObjectStore store, String runId) throws IOException, InterruptedException {
        Fence fence = new Fence("main.daily-dump", 1, runId);
        return new DumpTaker(access(store), fence, server.database(), BackupWorld.NOBODY).take();
    }

    /** A data directory with these two segments finished and nothing else, in which no server runs. */
    ClusterAccess finishedSegments(ObjectStore store, Path place) throws IOException {
        Path data = place.resolve("data");
        Path states = Files.createDirectories(data.resolve("pg_wal/archive_status"));
        Path control = Files.createDirectories(data.resolve("global")).resolve("pg_control");
        Files.copy(server.dataDirectory().resolve("global/pg_control"), control);
        for (Map.Entry<String, byte[]> segment : segments.entrySet()) {
            Files.write(data.resolve("pg_wal").resolve(segment.getKey()), segment.getValue());
            Files.createFile(states.resolve(segment.getKey() + ".ready"));
        }
        PostgresCluster c = server.config();
        PostgresCluster there = new PostgresCluster(
                c.name(),
                data,
                c.binDirectory(),
                null,
                null,
                c.host(),
                c.port(),
                c.user(),
                c.password(),
                c.database(),
                c.databases(),
                null,
                null,
                List.of(),
                null,
                Duration.ofHours(1));
        return new ClusterAccess(there, store, fence -> {}, Map.of(), "1@here");
    }

    /** To the end of the WAL in the shared part of the bucket. */
    RecoveryPlan plan(Path place) {
        String first = backup.walSegmentSize().nameOf(backup.walSegmentSize().segmentAt(1, backup.startLsn()));
        return new RecoveryPlan(
                "main",
                backup.systemId(),
                Placement.DRILL,
                new RecoveryTarget.Immediate(),
                false,
                backup.toBackup(),
                1,
                List.of(new Leg(1, null)),
                backup.endLsn(),
                null,
                null,
                first,
                segments.lastKey(),
                3,
                null,
                new Directories(
                        place.resolve("live").toString(),
                        place.resolve("work/data").toString(),
                        place.resolve("work").toString(),
                        0),
                List.of(),
                "digest");
    }

    RecoveryWorkspace workspace(RecoveryPlan plan) {
        RecoveryWorkspace workspace = new RecoveryWorkspace(plan.directories(), new ServerUser(null));
        workspace.claim(new Fence("main", 1, "run")).close();
        return workspace;
    }

    private String finishSegment() {
        server.execute("insert into item values (0, 'more')");
        return server.switchWal();
    }

    private void remember(String segment) throws IOException {
        segments.put(
                segment,
                Files.readAllBytes(server.dataDirectory().resolve("pg_wal").resolve(segment)));
    }

    @Override
    public void close() throws IOException {
        server.close();
        shared.close();
        s3.close();
        FileTrees.delete(folder);
    }
}
