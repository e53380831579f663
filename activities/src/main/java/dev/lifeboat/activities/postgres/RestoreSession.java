package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Logins to one database or another of the open server, and questions to it. */
final class RestoreSession {

    private RestoreSession() {}

    /** What may be done in a session that is given back afterwards. */
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /** The connection answers for as long as a statement takes. */
    static Connection open(ClusterAccess access, String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", access.cluster().user());
        access.password().ifPresent(password -> properties.setProperty("password", password));
        properties.setProperty("ApplicationName", "lifeboat");
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("loginTimeout", "10");
        properties.setProperty("socketTimeout", "0");
        properties.setProperty("tcpKeepAlive", "true");
        Connection connection = DriverManager.getConnection(
                "jdbc:postgresql://%s:%d/%s"
                        .formatted(access.cluster().host(), access.cluster().port(), inUrl(database)),
                properties);
        try (Statement statement = connection.createStatement()) {
            // What a database or role sets for its users is not meant for its restore.
            statement.execute("set statement_timeout = 0");
            statement.execute("set lock_timeout = 0");
            statement.execute("set default_transaction_read_only = off");
            statement.execute(
                    "select set_config(name, '0', false) from pg_settings"
                            + " where name in ('idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    static String inUrl(String database) {
        return URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** In a database that is none of these, so that they can be renamed and removed. */
    static Connection beside(ClusterAccess access, Collection<String> those) throws SQLException {
        Set<String> candidates =
                new LinkedHashSet<>(List.of("postgres", access.cluster().database(), "template1"));
        candidates.removeAll(those);
        SQLException last = new SQLException("there is no other database to log in to", LiveDatabase.NO_SUCH_DATABASE);
        for (String candidate : candidates) {
            try {
                return open(access, candidate);
            } catch (SQLException e) {
                if (!LiveDatabase.NO_SUCH_DATABASE.equals(e.getSQLState())) {
                    throw e;
                }
                last = e;
            }
        }
        throw last;
    }

    static <T> T beside(ClusterAccess access, Collection<String> those, Work<T> work) {
        try (Connection connection = beside(access, those)) {
            return work.with(connection);
        } catch (SQLException e) {
            throw failed(access, e);
        }
    }

    static <T> T in(ClusterAccess access, String database, Work<T> work) {
        try (Connection connection = open(access, database)) {
            return work.with(connection);
        } catch (SQLException e) {
            throw failed(access, e);
        }
    }

    /** A server that answered with an error would do so again; one that did not may answer later. */
    static RecoveryFailure failed(ClusterAccess access, SQLException cause) {
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        if (state.startsWith("42501")) {
            return new RecoveryFailure(
                    dev.lifeboat.workflows.domain.FailureCode.PRIVILEGE_MISSING,
                    "the server of %s refuses it to the user %s: %s"
                            .formatted(access.cluster().name(), access.cluster().user(), cause.getMessage()),
                    "let Lifeboat log in as a superuser, or as an owner with CREATEDB; then 'lifeboat retry'",
                    cause);
        }
        if (state.startsWith("53100")) {
            return new RecoveryFailure(
                    dev.lifeboat.workflows.domain.FailureCode.TOO_LITTLE_SPACE,
                    "the disk of %s is full: %s".formatted(access.cluster().name(), cause.getMessage()),
                    "free space on it, then 'lifeboat retry'",
                    cause);
        }
        boolean login = state.startsWith("28") || state.startsWith("08") || state.startsWith("57") || state.isEmpty();
        return login || state.startsWith("3D")
                ? access.unreachable(cause)
                : new RecoveryFailure(
                        dev.lifeboat.workflows.domain.FailureCode.COMMAND_FAILED,
                        "the server of %s refuses it: %s"
                                .formatted(access.cluster().name(), cause.getMessage()),
                        "see the server's log; it is tried again",
                        cause);
    }

    static void execute(Connection connection, String sql) throws SQLException {
        dev.lifeboat.activities.store.Transcript.note("says: " + sql);
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static @Nullable String one(Connection connection, String sql, String... parameters) throws SQLException {
        List<List<@Nullable String>> rows = rows(connection, sql, parameters);
        return rows.isEmpty() ? null : rows.get(0).get(0);
    }

    static List<String> column(Connection connection, String sql, String... parameters) throws SQLException {
        List<String> column = new ArrayList<>();
        for (List<@Nullable String> row : rows(connection, sql, parameters)) {
            String value = row.get(0);
            column.add(value == null ? "" : value);
        }
        return List.copyOf(column);
    }

    static List<List<@Nullable String>> rows(Connection connection, String sql, String... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                List<List<@Nullable String>> rows = new ArrayList<>();
                int width = result.getMetaData().getColumnCount();
                while (result.next()) {
                    List<@Nullable String> row = new ArrayList<>();
                    for (int i = 1; i <= width; i++) {
                        row.add(result.getString(i));
                    }
                    rows.add(row);
                }
                return rows;
            }
        }
    }

    /** As SQL reads an identifier. */
    static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** As SQL reads a text, whatever {@code standard_conforming_strings} says. */
    static String literal(String text) {
        String doubled = text.replace("'", "''");
        return text.indexOf('\\') < 0 ? "'" + doubled + "'" : " E'" + doubled.replace("\\", "\\\\") + "'";
    }
}
