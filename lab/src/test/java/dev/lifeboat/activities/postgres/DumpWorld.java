package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.config.LifeboatConfig.Dumps;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.SecretRef;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real server with any databases, a bucket in memory, and workers that reach it as one role or another. */
final class DumpWorld implements AutoCloseable {

    static final Dumps PATIENT = new Dumps(Duration.ofMinutes(5), Duration.ofSeconds(30), false);
    static final Dumps HASTY = new Dumps(Duration.ofMinutes(5), Duration.ofMillis(300), false);

    private static final String PASSWORD = "only-for-this-test";

    private final BackupWorld world;

    private DumpWorld(BackupWorld world) {
        this.world = world;
    }

    /** The server can lock some 800 tables and indexes at once, not more. */
    static DumpWorld start() throws IOException {
        return new DumpWorld(BackupWorld.start("max_connections = 20\nmax_locks_per_transaction = 20\n"));
    }

    LabPostgres server() {
        return world.server;
    }

    InMemoryObjectStore store() {
        return world.store;
    }

    /** A worker with the server's own superuser. */
    ClusterAccess access(Dumps dumps) {
        LabPostgres server = world.server;
        return access(dumps, server.user(), new SecretRef("file:" + server.passwordFile(), server.root()));
    }

    /** A worker with this role, which {@link #role} has made. */
    ClusterAccess accessAs(String role) {
        return access(PATIENT, role, new SecretRef("env:ROLE_PASSWORD", world.folder));
    }

    private ClusterAccess access(Dumps dumps, String user, SecretRef password) {
        PostgresCluster own = world.server.config();
        PostgresCluster cluster = new PostgresCluster(
                own.name(),
                own.dataDirectory(),
                own.binDirectory(),
                own.configFile(),
                own.runAs(),
                own.host(),
                own.port(),
                user,
                password,
                "postgres",
                List.of(),
                null,
                null,
                List.of(),
                null,
                Duration.ZERO,
                null,
                dumps,
                null);
        return new ClusterAccess(cluster, world.store, fence -> {}, Map.of("ROLE_PASSWORD", PASSWORD), "1@here");
    }

    void role(String name, String... rights) throws SQLException {
        execute("postgres", "create role " + name + " login password '" + PASSWORD + "'");
        execute("postgres", rights);
    }

    Connection connect(String database) throws SQLException {
        return access(PATIENT).connectForLong(database);
    }

    void execute(String database, String... statements) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    DumpManifest dump(String database, String runId) throws Exception {
        return dump(access(PATIENT), database, runId, BackupWorld.NOBODY);
    }

    static DumpManifest dump(ClusterAccess access, String database, String runId, Watch watch) throws Exception {
        return new DumpTaker(access, new Fence("main.daily-dump", 1, runId), database, watch).take();
    }

    /** Does something once, after the snapshot was taken and before {@code pg_dump} begins. */
    static Watch onceInTheSnapshot(Trouble trouble) {
        return new Watch() {
            private boolean done;

            @Override
            public void progress(Progress now) {
                if (!done && now.what().startsWith("dumping")) {
                    done = true;
                    try {
                        trouble.make();
                    } catch (SQLException e) {
                        throw new AssertionError(e);
                    }
                }
            }

            @Override
            public void check() {}
        };
    }

    interface Trouble {
        void make() throws SQLException;
    }

    /** Restores a dump as a person would, with nothing of Lifeboat, and says what is in the copy. */
    DatabaseFacts restored(DumpManifest dump, String into) throws Exception {
        Path file = world.folder.resolve("restored.dump.zst");
        Files.write(file, world.store.readAll(dump.archive().key()));
        execute(
                "postgres",
                "create database " + into + " template template0 encoding '" + dump.encoding()
                        + "' lc_collate 'C' lc_ctype 'C'");
        Commands.require(
                new ServerUser(null),
                List.of(
                        "sh",
                        "-c",
                        "zstd -dc %s | %s --exit-on-error -d %s"
                                .formatted(file, world.server.binDirectory().resolve("pg_restore"), into)),
                access(PATIENT).clientEnvironment(),
                Duration.ofMinutes(1));
        return facts(into);
    }

    /** A client program of the server's version, to its end; what it wrote. */
    String run(String program, String... arguments) {
        ClusterAccess access = access(PATIENT);
        return Commands.require(
                new ServerUser(null),
                access.program(program, arguments),
                access.clientEnvironment(),
                Duration.ofMinutes(1));
    }

    DatabaseFacts facts(String database) throws SQLException, InterruptedException {
        try (Connection one = connect(database);
                Connection other = connect(database)) {
            return new DatabaseFactsReader(List.of(one, other), Duration.ofSeconds(30), BackupWorld.NOBODY).read();
        }
    }

    List<String> keys() {
        return world.store.list("").stream().map(object -> object.key()).toList();
    }

    @Override
    public void close() throws IOException {
        world.close();
    }
}
