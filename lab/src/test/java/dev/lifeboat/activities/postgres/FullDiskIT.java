package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.lab.SmallDisk;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A real file system that is full in the phases in which files are written: nothing of the live cluster or of the bucket
 * is lost by it, and the same step succeeds once there is room. Needs root, for the mount.
 */
@Tag("any-engine")
class FullDiskIT {

    private final Path folder = Folders.temporary("full-disk");

    @AfterEach
    void end() {
        Folders.remove(folder);
    }

    @Test
    void aDiskThatFillsUpUnderTheSpoolOfABaseBackupLeavesNoBackupAndARoomierOneTakesIt() throws Exception {
        try (SmallDisk disk = mounted(folder.resolve("spool"), "root", "FullDiskIT, the spool of a base backup");
                LabPostgres server = LabPostgres.in(folder.resolve("pg"))
                        .initdbOptions("--wal-segsize=1")
                        .start()) {
            Path location = Folders.owned(folder.resolve("fast"), server.user(), "rwxr-xr-x");
            server.execute("create tablespace fast location '" + location + "'");
            InMemoryObjectStore store = new InMemoryObjectStore();
            Path full = folder.resolve("full");
            ClusterAccess access = new ClusterAccess(
                    spooling(server, disk.folder(), waitingFor(full, server)), store, fence -> {}, Map.of(), "1@test");
            Path spool = BackupSpool.of(access).root();
            // It exists from the moment on at which there was room enough; nothing is written before the disk is full.
            CompletableFuture<Void> filled = CompletableFuture.runAsync(() -> {
                await().pollInterval(Duration.ofMillis(2))
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> Files.exists(spool));
                disk.fillUpTo(4 << 20);
                write(full, "");
            });

            assertFull(() -> take(access, 1), "spool-directory", "lifeboat retry");

            filled.orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(store.list("")).as("what is in the bucket").isEmpty();
            assertThat(spool).doesNotExist();
            disk.resize("3g");
            BaseBackupManifest taken = take(access, 2);
            assertThat(access.backups().manifests(taken.systemId())).containsExactly(taken);
        }
    }

    @Test
    void aDiskThatIsFullWhileWalIsSavedAndTheCopyTakesItsPlaceLosesNothing() throws Exception {
        try (SmallDisk disk = mounted(folder.resolve("small"), "postgres", "FullDiskIT, saving WAL and swapping")) {
            LabPostgres server = LabPostgres.in(disk.folder().resolve("pg"))
                    .initdbOptions("--wal-segsize=1")
                    .start();
            try (ArchivedCluster cluster = new ArchivedCluster(server)) {
                server.execute("create table seen (n int)", "insert into seen values (1)");
                cluster.backUp();
                server.execute("insert into seen values (2)");
                cluster.awaitArchiver();
                RecoveryOrder order =
                        cluster.order(cluster.plan(new RecoveryTarget.Latest(), false, null, Placement.IN_PLACE));
                cluster.live().quiesce(order);
                cluster.live().stopServer(order);
                Map<String, String> live = wal(server);

                // Less than a segment.
                disk.fillUpTo(256 << 10);
                assertFull(() -> cluster.live().saveWal(order), "save the WAL", "lifeboat retry");
                assertThat(wal(server)).as("the live WAL").containsExactlyInAnyOrderEntriesOf(live);
                disk.resize("3g");
                assertThat(cluster.live().saveWal(order).segments()).isNotEmpty();

                cluster.recoverCopy(order);
                cluster.copy().makeDurable(order, CopyWorld.NOBODY);
                disk.fillUpTo(0);
                assertFull(() -> cluster.live().swapIn(order), "lifeboat retry");
                assertThat(wal(server)).as("the live WAL").containsExactlyInAnyOrderEntriesOf(live);
                assertThat(server.dataDirectory().resolve("global/pg_control")).exists();
                disk.resize("3g");
                cluster.live().swapIn(order);

                disk.fillUpTo(0);
                assertFull(() -> cluster.live().reopen(order), "lifeboat retry");
                disk.resize("3g");
                cluster.live().reopen(order);
                assertThat(server.query("select string_agg(n::text, ',' order by n) from seen"))
                        .isEqualTo("1,2");
                cluster.copy().removeCopy(order);
            }
        }
    }

    private static BaseBackupManifest take(ClusterAccess access, int run) throws Exception {
        return new BaseBackupTaker(access, new Fence("main", run, "run-" + run), BackupWorld.NOBODY, 4 << 20).take();
    }

    private static void assertFull(ThrowingCallable step, String... words) {
        assertThatExceptionOfType(RecoveryFailure.class).isThrownBy(step).satisfies(failure -> {
            assertThat(failure.code()).as(failure.toString()).isEqualTo(FailureCode.TOO_LITTLE_SPACE);
            assertThat(failure.getMessage() + " " + failure.hint())
                    .contains("space")
                    .contains(words);
        });
    }

    private static Map<String, String> wal(LabPostgres server) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(server.dataDirectory().resolve("pg_wal"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                found.put(file.getFileName().toString(), WalArchive.crc32c(Files.readAllBytes(file)));
            }
        }
        return found;
    }

    private static SmallDisk mounted(Path at, String owner, String test) {
        Optional<SmallDisk> disk = SmallDisk.at(at, owner, "3g", test);
        assumeTrue(disk.isPresent(), "no file system can be mounted here");
        return disk.orElseThrow();
    }

    /** The server's programs, of which {@code pg_basebackup} begins when this file is there. */
    private Path waitingFor(Path file, LabPostgres server) throws IOException {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Path real = server.binDirectory();
        try (Stream<Path> programs = Files.list(real)) {
            for (Path each : programs.toList()) {
                if (!each.endsWith("pg_basebackup")) {
                    Files.createSymbolicLink(bin.resolve(each.getFileName()), each);
                }
            }
        }
        Path waiting = bin.resolve("pg_basebackup");
        write(
                waiting,
                """
                #!/bin/sh
                waits=600
                while [ "$1" = -D ] && [ ! -e %s ] && [ $waits -gt 0 ]; do
                    sleep 0.1
                    waits=$((waits - 1))
                done
                exec %s "$@"
                """
                        .formatted(file, real.resolve("pg_basebackup")));
        Files.setPosixFilePermissions(waiting, PosixFilePermissions.fromString("rwxr-xr-x"));
        return bin;
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PostgresCluster spooling(LabPostgres server, Path spool, Path programs) {
        PostgresCluster c = server.config();
        return new PostgresCluster(
                c.name(),
                c.dataDirectory(),
                programs,
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
                c.markerInterval(),
                spool);
    }
}
