package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.LifeboatConfig.SmokeTest;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A cluster whose base backup and WAL were put into a bucket by hand, so that only what brings them back is on trial. */
final class CopyWorld implements AutoCloseable {

    static final Watch NOBODY = new Watch() {
        @Override
        public void progress(Progress now) {}

        @Override
        public void check() {}
    };

    private static final int FILES_PER_CHUNK = 200;

    final LabPostgres server;
    final S3Engine s3;
    final S3ObjectStore store;
    final GatedStore gates;
    final CopySteps steps;
    private final Path spool;
    private final ServerUser user;
    private @Nullable BaseBackupManifest manifest;

    private CopyWorld(LabPostgres server, S3Engine s3, Path spool) {
        this.server = server;
        this.s3 = s3;
        this.spool = spool;
        this.store = new S3ObjectStore(s3.bucket("backups", "lab"), s3.environment());
        this.user = new ServerUser(server.config().runAs());
        this.gates = new GatedStore(store);
        this.steps = new CopySteps(config(), gates.store(), fence -> {}, "1@test");
    }

    static CopyWorld in(Path folder) throws IOException {
        return in(folder, false);
    }

    static CopyWorld in(Path folder, boolean debianLayout) throws IOException {
        S3Engine s3 = S3Engine.startIn(folder.resolve("s3"));
        s3.createBucket("backups");
        Path spool = folder.resolve("spool");
        Files.createDirectories(spool);
        LabPostgres.Builder builder = LabPostgres.in(folder.resolve("pg"));
        LabPostgres server = (debianLayout ? builder.debianLayout() : builder)
                .settings("archive_mode=on\narchive_command='cp %p " + spool + "/%f'\nwal_keep_size=0\n")
                .initdbOptions("--wal-segsize=1")
                .start();
        CopyWorld world = new CopyWorld(server, s3, spool);
        world.user.own(spool);
        server.execute("create table orders (id bigint primary key, at timestamptz default clock_timestamp())");
        return world;
    }

    PostgresCluster config() {
        return server.config(new SmokeTest("orders are there", "select count(*) from orders", 1L, null));
    }

    /** The steps of a worker in whose folder of programs this one is another. */
    CopySteps stepsWith(String program, Path other) throws IOException {
        Path bin = Files.createTempDirectory(server.root(), "bin");
        Files.setPosixFilePermissions(bin, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Stream<Path> programs = Files.list(server.binDirectory())) {
            for (Path each : programs.toList()) {
                String name = each.getFileName().toString();
                Files.createSymbolicLink(bin.resolve(name), name.equals(program) ? other : each);
            }
        }
        PostgresCluster c = config();
        return new CopySteps(
                new PostgresCluster(
                        c.name(),
                        c.dataDirectory(),
                        bin,
                        c.configFile(),
                        c.runAs(),
                        c.host(),
                        c.port(),
                        c.user(),
                        c.password(),
                        c.database(),
                        c.databases(),
                        c.start(),
                        c.stop(),
                        c.smokeTests(),
                        c.objectives(),
                        c.markerInterval()),
                gates.store(),
                fence -> {},
                "1@test");
    }

    BaseBackupManifest backup() {
        if (manifest == null) {
            throw new IllegalStateException("no backup was taken");
        }
        return manifest;
    }

    /** Orders up to this number exist, each committed by itself. */
    void ordersUpTo(int last) {
        server.execute("do $$ declare n bigint; begin select coalesce(max(id), 0) into n from orders; " + "while n < "
                + last + " loop n := n + 1; insert into orders (id) values (n); commit; end loop; end $$");
    }

    void takeBaseBackup() throws IOException {
        Path folder = Files.createTempDirectory(server.root(), "bb");
        user.own(folder);
        Commands.require(
                user,
                List.of(
                        server.binDirectory().resolve("pg_basebackup").toString(),
                        "-D",
                        folder.resolve("out").toString(),
                        "-Ft",
                        "-X",
                        "none",
                        "-c",
                        "fast",
                        "-d",
                        "host=127.0.0.1 port=" + server.port() + " user=" + server.user()),
                Map.of("PGPASSWORD", server.password()),
                Duration.ofMinutes(2));
        ControlFile control =
                ControlFile.read(server.binDirectory().resolve("pg_controldata"), user, server.dataDirectory());
        String label = "";
        String id = "20260822T013000Z";
        List<Chunk> chunks = new ArrayList<>();
        ChunkWriter writer = new ChunkWriter(control.systemId(), id, chunks);
        byte[] pgControl = new byte[0];
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(Files.newInputStream(folder.resolve("out/base.tar")))) {
            TarArchiveEntry entry;
            while ((entry = tar.getNextEntry()) != null) {
                byte[] content = tar.readAllBytes();
                if (entry.getName().equals("backup_label")) {
                    label = new String(content, java.nio.charset.StandardCharsets.UTF_8);
                }
                if (entry.getName().equals(BaseBackupManifest.CONTROL_FILE)) {
                    pgControl = content;
                } else {
                    writer.add(entry.getName(), entry.getMode(), entry.isDirectory(), content);
                }
            }
        }
        List<BaseBackupManifest.OutsideFile> outside = new ArrayList<>();
        Path config = config().configFile();
        if (config != null) {
            String name = BaseBackupManifest.OUTSIDE_FOLDER + "0-postgresql.conf";
            outside.add(new BaseBackupManifest.OutsideFile(config.toString(), name));
            writer.add(name, 0600, false, Files.readAllBytes(config));
        }
        writer.add("backup_manifest", 0600, false, Files.readAllBytes(folder.resolve("out/backup_manifest")));
        writer.add(BaseBackupManifest.CONTROL_FILE, 0600, false, pgControl);
        writer.cut();
        Lsn start = Lsn.parse(label.replaceAll("(?s).*START WAL LOCATION: (\\S+) .*", "$1"));
        Lsn end = endOfBackup();
        manifest = new BaseBackupManifest(
                1,
                id,
                "main",
                control.systemId(),
                Integer.parseInt(String.valueOf(server.query("show server_version_num"))),
                1,
                start,
                end,
                control.segmentSize(),
                Instant.now(),
                Instant.now(),
                1,
                1,
                "r",
                "w",
                Map.of(),
                Map.of(),
                outside,
                Map.of(),
                chunks.size(),
                chunks,
                null);
        store.put(
                BucketLayout.baseBackupManifest("main", control.systemId(), id),
                PayloadMapper.json().writeValueAsBytes(manifest));
    }

    /** From the history file that the server archived with the backup, the last where it took two. */
    private Lsn endOfBackup() throws IOException {
        try (Stream<Path> files = Files.list(spool)) {
            Path history = files.filter(file -> file.toString().endsWith(".backup"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            return Lsn.parse(Files.readString(history).replaceAll("(?s).*STOP WAL LOCATION: (\\S+) .*", "$1"));
        }
    }

    WalArchive archive() {
        return new WalArchive(store, "main", backup().systemId());
    }

    /** Everything that was written so far lies in the bucket when this returns. */
    void archiveAll() {
        String last = server.switchWal();
        Awaitility.await()
                .atMost(2, TimeUnit.MINUTES)
                .until(() -> Files.exists(spool.resolve(last)) && server.hasArchived(last));
        try (Stream<Path> files = Files.list(spool)) {
            for (Path file : files.toList()) {
                archive().store(file.getFileName().toString(), file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What any server archived by the command that the configuration files hold. */
    List<String> archivedByAnyServer() {
        try (Stream<Path> files = Files.list(spool)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String lastArchived() {
        return archive().names().values().stream()
                .flatMap(java.util.Collection::stream)
                .filter(WalSegmentSize::isSegmentName)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    RecoveryOrder order(RecoveryTarget target, @Nullable Lsn stopLsn, Placement placement) {
        WalSegmentSize size = backup().walSegmentSize();
        WalSegment first = size.segmentAt(1, backup().startLsn());
        String last = stopLsn == null ? lastArchived() : size.nameOf(size.segmentAt(1, stopLsn));
        Path beside = server.dataDirectory().resolveSibling("lifeboat-main");
        Path workspace = beside.resolve(placement == Placement.DRILL ? "drill" : "recovery");
        RecoveryPlan plan = new RecoveryPlan(
                "main",
                backup().systemId(),
                placement,
                target,
                false,
                backup().toBackup(),
                1,
                List.of(new Leg(1, null)),
                stopLsn,
                null,
                null,
                size.nameOf(first),
                last,
                (int) (size.parse(last).number() - first.number() + 1),
                null,
                new Directories(
                        server.dataDirectory().toString(),
                        workspace.resolve("data").toString(),
                        workspace.toString(),
                        0),
                List.of(),
                "digest");
        return new RecoveryOrder(plan, new Fence("main", 1, "run-1"));
    }

    RecoveryWorkspace workspace(RecoveryOrder order) {
        return new RecoveryWorkspace(order.plan().directories(), user);
    }

    /** The plan for a target, with the position that the WAL in the bucket gives it. */
    RecoveryOrder located(RecoveryTarget target, Placement placement) {
        Lsn stop = new WalCatalog(archive(), backup().walSegmentSize(), null)
                .locate(target, false).stream().findFirst().orElseThrow().stopLsn();
        return order(target, stop, placement);
    }

    /** The same, stopping before what is there instead of after it. */
    static RecoveryOrder exclusive(RecoveryOrder order) {
        RecoveryPlan p = order.plan();
        return new RecoveryOrder(
                new RecoveryPlan(
                        p.cluster(),
                        p.systemId(),
                        p.placement(),
                        p.target(),
                        true,
                        p.backup(),
                        p.timeline(),
                        p.path(),
                        p.stopLsn(),
                        null,
                        null,
                        p.firstSegment(),
                        p.lastSegment(),
                        p.segments(),
                        null,
                        p.directories(),
                        List.of(),
                        "digest"),
                order.fence());
    }

    /** The same with more WAL, which only the dead server's disk holds. */
    RecoveryOrder lastSegment(RecoveryOrder order, String name) {
        RecoveryPlan plan = order.plan();
        return new RecoveryOrder(
                new RecoveryPlan(
                        plan.cluster(),
                        plan.systemId(),
                        plan.placement(),
                        plan.target(),
                        plan.exclusive(),
                        plan.backup(),
                        plan.timeline(),
                        plan.path(),
                        plan.stopLsn(),
                        null,
                        null,
                        plan.firstSegment(),
                        name,
                        plan.segments() + 1,
                        null,
                        plan.directories(),
                        List.of(),
                        "digest"),
                order.fence());
    }

    /** No copy of this segment is left but the one in the bucket, if there is one. */
    void loseElsewhere(String segment) throws IOException {
        Files.deleteIfExists(server.dataDirectory().resolve("pg_wal").resolve(segment));
        forgetVersions(archive().key(segment));
    }

    void forgetVersions(String key) {
        s3.forgetVersions("backups", "lab/" + key);
    }

    void flipBit(String key) {
        byte[] bytes = store.readAll(key);
        bytes[bytes.length / 2] ^= 1;
        store.put(key, bytes);
    }

    /** In the recovered copy. */
    String ask(RecoveryOrder order, String sql) {
        return new CopySession(config(), workspace(order)).require(server.database(), sql);
    }

    @Override
    public void close() {
        try {
            for (Placement placement : List.of(Placement.DRILL, Placement.IN_PLACE)) {
                RecoveryOrder order = order(new RecoveryTarget.Immediate(), backup().endLsn(), placement);
                new CopyRemoval(config(), workspace(order)).remove(order.fence());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
        store.close();
        s3.close();
    }

    private final class ChunkWriter {
        private final String systemId;
        private final String id;
        private final List<Chunk> chunks;
        private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);
        private List<String> files = new ArrayList<>();

        ChunkWriter(String systemId, String id, List<Chunk> chunks) {
            this.systemId = systemId;
            this.id = id;
            this.chunks = chunks;
        }

        void add(String name, int mode, boolean folder, byte[] content) throws IOException {
            if (files.size() == FILES_PER_CHUNK) {
                cut();
            }
            TarArchiveEntry entry = new TarArchiveEntry(folder && !name.endsWith("/") ? name + "/" : name);
            entry.setMode(mode);
            entry.setSize(folder ? 0 : content.length);
            tar.putArchiveEntry(entry);
            if (!folder) {
                tar.write(content);
                files.add(name);
            }
            tar.closeArchiveEntry();
        }

        void cut() throws IOException {
            tar.close();
            int number = chunks.size() + 1;
            try (Upload upload = store.upload(BucketLayout.chunk("main", systemId, id, number))) {
                ByteArrayOutputStream packed = new ByteArrayOutputStream();
                try (OutputStream zstd = Zstandard.compressing(packed)) {
                    bytes.writeTo(zstd);
                }
                packed.writeTo(upload);
                Upload.Uploaded uploaded = upload.complete();
                chunks.add(new Chunk(number, uploaded.size(), uploaded.sha256(), bytes.size(), List.copyOf(files), ""));
            }
            bytes = new ByteArrayOutputStream();
            tar = new TarArchiveOutputStream(bytes);
            files = new ArrayList<>();
        }
    }
}
