package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.SecretRef;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** Everything that the work next to one data directory needs: whose it is, and with what to reach it. */
record ClusterAccess(
        PostgresCluster cluster, ObjectStore store, Leases leases, Map<String, String> environment, String workerName) {

    ServerUser user() {
        return new ServerUser(cluster.runAs());
    }

    LifeboatFolder folder() {
        return LifeboatFolder.of(cluster);
    }

    /** @throws RecoveryFailure UNKNOWN_CLUSTER when the worker serves another one */
    void requireName(String name) {
        if (!name.equals(cluster.name())) {
            throw new RecoveryFailure(
                    FailureCode.UNKNOWN_CLUSTER,
                    "this worker serves the cluster %s, not %s".formatted(cluster.name(), name),
                    "start a worker with '--cluster " + name + "'");
        }
    }

    /** The live control file; COMMAND_FAILED when the data directory is gone or damaged. */
    ControlFile controlFile() {
        return ControlFile.read(cluster.binary("pg_controldata"), user(), cluster.dataDirectory());
    }

    /** Empty where there is no readable data directory. */
    Optional<ControlFile> liveControlFile() {
        try {
            return Optional.of(controlFile());
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.COMMAND_FAILED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    Path liveWal() {
        return cluster.dataDirectory().resolve("pg_wal");
    }

    /** What is data in the bucket passes here. */
    DataObjects data() {
        return DataObjects.of(store);
    }

    DumpCatalog dumps() {
        return new DumpCatalog(store, cluster.name());
    }

    /** The same cluster, reached in another of its databases. */
    ClusterAccess inDatabase(String database) {
        PostgresCluster c = cluster;
        PostgresCluster other = new PostgresCluster(
                c.name(),
                c.dataDirectory(),
                c.binDirectory(),
                c.configFile(),
                c.runAs(),
                c.host(),
                c.port(),
                c.user(),
                c.password(),
                database,
                c.databases(),
                c.start(),
                c.stop(),
                c.smokeTests(),
                c.objectives(),
                c.markerInterval());
        return new ClusterAccess(other, store, leases, environment, workerName);
    }

    /** The same, with the bucket seen through this. */
    ClusterAccess through(ObjectStore seen) {
        return new ClusterAccess(cluster, seen, leases, environment, workerName);
    }

    WalArchive archive(String systemId) {
        return new WalArchive(store, cluster.name(), systemId);
    }

    Pins pins() {
        return new Pins(store, cluster.name());
    }

    BaseBackupCatalog backups() {
        return new BaseBackupCatalog(store, cluster.name());
    }

    Optional<String> password() {
        return Optional.ofNullable(cluster.password()).map((SecretRef secret) -> secret.resolve(environment));
    }

    /** A connection to the open server. */
    Connection connect() throws SQLException {
        return connect(cluster.database(), "60");
    }

    /** One whose statements, and the pauses between them, may take as long as they like. */
    Connection connectForLong() throws SQLException {
        return connectForLong(cluster.database());
    }

    /** The same, to another database of the cluster, whatever its name. */
    Connection connectForLong(String database) throws SQLException {
        Connection connection = connect(database, "0");
        try (Statement statement = connection.createStatement()) {
            statement.execute("set statement_timeout = 0");
            statement.execute("set idle_session_timeout = 0");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** @param seconds without a word from the server, after which it counts as gone; 0 for never */
    private Connection connect(String database, String seconds) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", cluster.user());
        password().ifPresent(password -> properties.setProperty("password", password));
        properties.setProperty("ApplicationName", "lifeboat");
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("loginTimeout", "10");
        properties.setProperty("socketTimeout", seconds);
        properties.setProperty("tcpKeepAlive", "true");
        return DriverManager.getConnection(
                "jdbc:postgresql://%s:%d/%s"
                        .formatted(cluster.host(), cluster.port(), URLEncoder.encode(database, StandardCharsets.UTF_8)),
                properties);
    }

    /** What every PostgreSQL client program needs to reach the open server; the password never stands in arguments. */
    Map<String, String> clientEnvironment() {
        java.util.HashMap<String, String> client = new java.util.HashMap<>();
        client.put("PGHOST", cluster.host());
        client.put("PGPORT", Integer.toString(cluster.port()));
        client.put("PGUSER", cluster.user());
        client.put("PGAPPNAME", "lifeboat");
        client.put("PGCONNECT_TIMEOUT", "10");
        client.put("LC_ALL", "C");
        password().ifPresent(password -> client.put("PGPASSWORD", password));
        return client;
    }

    RecoveryFailure unreachable(SQLException cause) {
        if (cause.getSQLState() != null && cause.getSQLState().startsWith("28")) {
            // The server is up and has answered: asking again for minutes would not change its mind.
            return new RecoveryFailure(
                    FailureCode.LOGIN_REFUSED,
                    "the server of %s at %s:%d refuses Lifeboat's login as '%s': %s"
                            .formatted(
                                    cluster.name(), cluster.host(), cluster.port(), cluster.user(), cause.getMessage()),
                    "correct user and password in lifeboat.yaml and start the worker again, or pg_hba.conf and reload the server; then 'lifeboat retry'",
                    cause);
        }
        return new RecoveryFailure(
                FailureCode.DATABASE_UNREACHABLE,
                "cannot ask %s at %s:%d: %s"
                        .formatted(cluster.name(), cluster.host(), cluster.port(), cause.getMessage()),
                "check host, port, user and password of it in lifeboat.yaml, and that it runs",
                cause);
    }

    List<String> program(String name, String... arguments) {
        List<String> command = new java.util.ArrayList<>();
        command.add(cluster.binary(name).toString());
        command.addAll(List.of(arguments));
        return command;
    }
}
