package dev.lifeboat.lab;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.Ports;
import dev.lifeboat.lab.engine.Programs;
import dev.lifeboat.lab.engine.ServersBelow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A cluster as Debian's own tools make it, in Debian's own folders: nothing of the lab but a password for its superuser
 * and a database. Its name is its own, so that closing it removes what bears that name, and nothing else.
 */
final class DebianCluster implements AutoCloseable {

    static final String PASSWORD = "debian-cluster-password";
    static final String DATABASE = "shop";

    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql");
    private static final Path TOOL = Path.of("/usr/bin/pg_createcluster");
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final String version;
    private final String name = "lifeboat_it_" + UUID.randomUUID().toString().substring(0, 8);
    private final int port = Ports.free();
    private final Thread lastWill = new Thread(this::remove, "debian-cluster-end");

    private DebianCluster(String version) {
        this.version = version;
    }

    /** Why there can be none on this machine; empty when there can. */
    static Optional<String> obstacle() {
        if (!System.getProperty("user.name").equals("root")) {
            return Optional.of("pg_createcluster makes clusters for root only");
        }
        if (!Files.isExecutable(TOOL)) {
            return Optional.of(TOOL + " is missing (package postgresql-common)");
        }
        return newest().isPresent() ? Optional.empty() : Optional.of("there is no server 15 to 18 in " + PROGRAMS);
    }

    static DebianCluster create() {
        DebianCluster cluster = new DebianCluster(newest().orElseThrow());
        Runtime.getRuntime().addShutdownHook(cluster.lastWill);
        try {
            cluster.tool("pg_createcluster", cluster.version, cluster.name, "-p", Integer.toString(cluster.port));
            cluster.control("start");
            cluster.psql("alter user postgres password '" + PASSWORD + "'");
            cluster.psql("create database " + DATABASE);
            return cluster;
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    Path binDirectory() {
        return PROGRAMS.resolve(version).resolve("bin");
    }

    Path dataDirectory() {
        return dataFolder().resolve(name);
    }

    /** Holds {@code postgresql.conf}, {@code pg_hba.conf} and {@code conf.d}. */
    Path configFolder() {
        return Path.of("/etc/postgresql", version, name);
    }

    Path log() {
        return Path.of("/var/log/postgresql", "postgresql-%s-%s.log".formatted(version, name));
    }

    /** The command line that starts or stops it, for {@code lifeboat.yaml} too. */
    String controlCommand(String verb) {
        return "pg_ctlcluster --skip-systemctl-redirect %s %s %s".formatted(version, name, verb);
    }

    void control(String verb) {
        Programs.require("root", List.of("sh", "-c", controlCommand(verb)), Map.of(), LIMIT);
    }

    /** {@code online} or {@code down}, as {@code pg_lsclusters} says. */
    String status() {
        return Programs.require("root", List.of("pg_lsclusters", "-h", version, name), Map.of(), LIMIT)
                .split("\\s+")[3];
    }

    void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the Debian cluster refused: " + e.getMessage(), e);
        }
    }

    /** The first column of every row, as text. */
    List<String> query(String sql) {
        List<String> found = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException("the Debian cluster refused: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(lastWill);
        } catch (IllegalStateException e) {
            // The hooks are running already, and this one has nothing left to do.
        }
    }

    /**
     * Killed first: a server that stops by itself waits for its archiver, whose worker has gone. Then Debian's tool; what
     * it cannot find any more, a test has moved or removed.
     */
    private void remove() {
        List<Path> folders = namedAfterIt();
        folders.forEach(ServersBelow::end);
        ServersBelow.end(dataDirectory());
        Programs.run("root", List.of("pg_dropcluster", "--stop", version, name), Map.of(), LIMIT);
        folders.forEach(Folders::remove);
        Folders.remove(configFolder());
    }

    private List<Path> namedAfterIt() {
        if (!Files.isDirectory(dataFolder())) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(dataFolder())) {
            return all.filter(path -> path.getFileName().toString().contains(name))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path dataFolder() {
        return Path.of("/var/lib/postgresql", version);
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE, "postgres", PASSWORD);
    }

    private void psql(String sql) {
        Programs.require(
                "postgres",
                List.of(
                        binDirectory().resolve("psql").toString(),
                        "-Xqw",
                        "-h",
                        "/var/run/postgresql",
                        "-p",
                        Integer.toString(port),
                        "-c",
                        sql),
                Map.of(),
                LIMIT);
    }

    private void tool(String... command) {
        Programs.require("root", List.of(command), Map.of(), LIMIT);
    }

    private static Optional<String> newest() {
        if (!Files.isDirectory(PROGRAMS)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(PROGRAMS)) {
            return versions.filter(path -> Files.isExecutable(path.resolve("bin/postgres")))
                    .map(path -> path.getFileName().toString())
                    .filter(version -> version.matches("1[5-8]"))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
