package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A base backup whose files the worker reads itself; {@code BaseBackupIT} shows what every base backup has to be. */
@Tag("any-engine")
class DirectBackupIT {

    private static final long SMALL_CHUNKS = 4 << 20;

    private static BackupWorld world;

    @BeforeAll
    static void start() throws IOException {
        world = BackupWorld.start("autovacuum=off\n", "--data-checksums");
        world.server.execute(
                "create table item as select n, repeat('x', 500) as text from generate_series(1, 20000) n",
                "create unlogged table passing as select n from generate_series(1, 1000) n",
                "create role replicator login replication password '" + world.server.password() + "'",
                "grant pg_read_all_settings, pg_monitor to replicator",
                "grant select on pg_file_settings to replicator",
                "grant execute on function pg_show_all_file_settings() to replicator",
                "checkpoint");
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @BeforeEach
    void emptyBucket() {
        world.store.list("").forEach(object -> world.store.delete(object.key()));
    }

    @Test
    void whatBelongsToTheRunningServerAloneIsNotInIt() throws Exception {
        Path data = world.server.dataDirectory();
        String unlogged = String.valueOf(world.server.query("select pg_relation_filepath('passing')"));
        for (String name : List.of("base/pgsql_tmp/pgsql_tmp1.0", "pg_stat_tmp/x", "pg_replslot/s/state")) {
            Files.createDirectories(data.resolve(name).getParent());
            Files.writeString(data.resolve(name), "x");
        }
        Files.writeString(data.resolve("base/1/t3_16390"), "x");

        BaseBackupManifest manifest = take(world.access());

        assertThat(manifest.tools()).containsOnlyKeys("pg_backup_start");
        assertThat(manifest.allChunks().stream().flatMap(chunk -> chunk.files().stream()))
                .contains(unlogged + "_init", "PG_VERSION", "backup_label", "global/pg_filenode.map")
                .doesNotContain(unlogged, "postmaster.pid", "postmaster.opts", "base/1/t3_16390")
                .noneMatch(file -> file.matches("(pg_wal|pg_stat_tmp|pg_replslot|pg_notify|pg_subtrans)/.*"))
                .noneMatch(file -> file.contains("pgsql_tmp") || file.contains("pg_internal.init"));
    }

    @Test
    void aPageWithoutItsChecksumIsNamedAndNothingIsStored() throws Exception {
        world.server.execute("create table hurt as select n from generate_series(1, 2000) n", "checkpoint");
        String file = String.valueOf(world.server.query("select pg_relation_filepath('hurt')"));
        flip(world.server.dataDirectory().resolve(file), 2 * 8192 + 5000);

        assertThatThrownBy(() -> take(world.access()))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.PAGES_DAMAGED))
                .hasMessageContaining("1 of its pages")
                .hasMessageContaining("block 2 of " + file);

        assertThat(new BaseBackupCatalog(world.store, "main").backups(world.systemId()))
                .isEmpty();
        flip(world.server.dataDirectory().resolve(file), 2 * 8192 + 5000);
        assertThat(take(world.access()).allChunks()).isNotEmpty();
    }

    @Test
    void aRoleThatMayOnlyReplicateGetsItsBackupFromPgBasebackup() throws Exception {
        ClusterAccess access = as("replicator", world.server.config().dataDirectory());

        assertThat(BackupSession.open(access)).isEmpty();
        assertThat(take(access).tools()).containsOnlyKeys("pg_basebackup");
    }

    /** Two servers with one system identifier: what one of them says of its backup is not about the other's files. */
    @Test
    void theFilesOfAnotherServerAreNotReadPastTheOneThatAnswers() throws Exception {
        Path other = world.folder.resolve("other");
        Commands.require(
                new ServerUser(null),
                List.of("cp", "-a", world.server.dataDirectory().toString(), other.toString()),
                Map.of(),
                Duration.ofMinutes(1));
        List<String> pid = Files.readAllLines(other.resolve("postmaster.pid"));
        pid.set(0, "1");
        Files.write(other.resolve("postmaster.pid"), pid);

        assertThat(BackupSession.open(as(world.server.user(), other))).isEmpty();
        assertThat(BackupSession.open(world.access())).hasValueSatisfying(BackupSession::close);
    }

    @Test
    void aSessionThatIsEndedMeanwhileMakesNoBackup() {
        ObjectStore ending = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("upload")) {
                        world.server.query("select pg_terminate_backend(pid) from pg_stat_activity"
                                + " where application_name = 'lifeboat'");
                    }
                    try {
                        return method.invoke(world.store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
        ClusterAccess access = new ClusterAccess(world.server.config(), ending, fence -> {}, Map.of(), "1@here");

        assertThatThrownBy(() -> take(access))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.COMMAND_FAILED))
                .hasMessageContaining("cannot end the backup of main");
        assertThat(new BaseBackupCatalog(world.store, "main").backups(world.systemId()))
                .isEmpty();
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int was = bytes.read();
            bytes.seek(at);
            bytes.write(was ^ 1);
        }
    }

    private static ClusterAccess as(String user, Path dataDirectory) {
        PostgresCluster c = world.server.config();
        PostgresCluster cluster = new PostgresCluster(
                c.name(),
                dataDirectory,
                c.binDirectory(),
                c.configFile(),
                c.runAs(),
                c.host(),
                c.port(),
                user,
                c.password(),
                c.database(),
                c.databases(),
                c.start(),
                c.stop(),
                c.smokeTests(),
                c.objectives(),
                c.markerInterval());
        return new ClusterAccess(cluster, world.store, fence -> {}, Map.of(), "1@here");
    }

    private static BaseBackupManifest take(ClusterAccess access) throws Exception {
        return new BaseBackupTaker(access, new Fence("main", 1, "run-1"), BackupWorld.NOBODY, SMALL_CHUNKS).take();
    }
}
