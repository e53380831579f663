package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryPlan;
import dev.lifeboat.workflows.runbook.pitrrecovery.PlannedRecovery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A cluster with additional tablespaces and a bucket in memory; everything else is what the product uses. */
final class TablespaceWorld implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    final Path folder = Folders.temporary("tablespaces");
    final InMemoryObjectStore store = new InMemoryObjectStore();
    final LabPostgres server;
    final ServerUser user;
    private final Path wal = folder.resolve("wal");
    private int runs;

    TablespaceWorld() throws IOException {
        Files.createDirectory(wal);
        server = LabPostgres.in(folder.resolve("pg"))
                .settings("archive_mode=on\narchive_command='cp %p " + wal + "/%f'\nwal_keep_size=0\nautovacuum=off\n")
                .initdbOptions("--wal-segsize=1")
                .start();
        user = new ServerUser(server.config().runAs());
        user.own(wal);
    }

    PostgresCluster cluster() {
        return server.config();
    }

    ClusterAccess access() {
        return new ClusterAccess(cluster(), store, fence -> {}, Map.of(), "1@test");
    }

    /** The folder for a tablespace, made and owned as a DBA would. */
    Path location(String name) throws IOException {
        Path location = folder.resolve("disks").resolve(name);
        Files.createDirectories(location);
        user.own(location);
        return location;
    }

    Path create(String name) throws IOException {
        Path location = location(name);
        server.execute("create tablespace " + name + " location '" + location + "'");
        return location;
    }

    BaseBackupManifest backUp() throws Exception {
        BaseBackupManifest taken = new BaseBackupTaker(
                        access(), new Fence("main", 1, "backup-" + runs++), BackupWorld.NOBODY, 4 << 20)
                .take();
        archiveAll();
        return taken;
    }

    /** Everything that was written so far lies in the bucket when this returns. */
    void archiveAll() {
        String last = server.switchWal();
        Awaitility.await().atMost(2, TimeUnit.MINUTES).until(() -> server.hasArchived(last));
        WalArchive archive =
                new WalArchive(store, "main", access().controlFile().systemId());
        try (Stream<Path> files = Files.list(wal)) {
            for (Path file : files.toList()) {
                archive.store(file.getFileName().toString(), file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Archiving goes on; its command only looks like another one. */
    void archiveThrough(String prefix) {
        String command = prefix + server.query("show archive_command");
        server.execute("alter system set archive_command = '" + command + "'", "select pg_reload_conf()");
        Awaitility.await()
                .atMost(1, TimeUnit.MINUTES)
                .until(() -> command.equals(server.query("show archive_command")));
    }

    LiveSteps live() {
        return live(fence -> {});
    }

    LiveSteps live(Leases leases) {
        return new LiveSteps(cluster(), Map.of(), store, leases, Map.of(), "1@test");
    }

    CopySteps copy() {
        return new CopySteps(cluster(), store, fence -> {}, "1@test");
    }

    PlannedRecovery plan(RecoveryTarget target, Placement placement, String into, int port) {
        PitrRecoveryInput input = new PitrRecoveryInput(
                new RunRequest(
                        "ana", "", true, false, new Objectives(Duration.ofHours(1), Duration.ofHours(1)), Map.of()),
                "main",
                target,
                false,
                null,
                null,
                placement,
                into.isEmpty() ? null : into,
                port);
        return PitrRecoveryPlan.decide(input, live().gatherFacts(PitrRecoveryPlan.query(input)));
    }

    PlannedRecovery plan(RecoveryTarget target, Placement placement) {
        return plan(target, placement, "", 0);
    }

    RecoveryOrder order(PlannedRecovery planned) {
        if (!planned.refusals().isEmpty()) {
            throw new AssertionError(planned.refusals().toString());
        }
        RecoveryPlan plan = Objects.requireNonNull(planned.plan());
        return new RecoveryOrder(plan, new Fence("main", ++runs, "run-" + runs));
    }

    String ask(RecoveryOrder order, String sql) {
        return new CopySession(cluster(), new RecoveryWorkspace(order.plan().directories(), user))
                .require(server.database(), sql);
    }

    /** What every file and link below holds, its own folder of Lifeboat aside. */
    Map<String, String> digests(Path root) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(
                            path -> !root.relativize(path).toString().startsWith("lifeboat-"))
                    .toList()) {
                digests.put(root.relativize(file).toString(), digest(file));
            }
        }
        return digests;
    }

    private static String digest(Path file) throws IOException {
        if (Files.isSymbolicLink(file)) {
            return Files.readSymbolicLink(file).toString();
        }
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            return Files.getPosixFilePermissions(file).toString();
        }
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    void pgCtl(Path directory, String... arguments) {
        List<String> command = new java.util.ArrayList<>(
                List.of(server.binDirectory().resolve("pg_ctl").toString(), "-D", directory.toString()));
        command.addAll(List.of(arguments));
        Commands.require(user, command, Map.of(), LIMIT);
    }

    String shell(String command) {
        return Commands.require(new ServerUser(null), List.of("sh", "-c", command), Map.of(), LIMIT);
    }

    void write(Path file, String text) throws IOException {
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
        user.own(file);
    }

    @Override
    public void close() {
        server.close();
        Folders.remove(folder);
    }
}
