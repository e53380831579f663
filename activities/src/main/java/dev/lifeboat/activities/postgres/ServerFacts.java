package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Tablespace;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the open server says of itself, for a base backup.
 *
 * @param settings    integers that a recovery must not have smaller
 * @param text        other settings, as {@code SHOW} prints them
 * @param tablespaces additional ones, with the bytes that they hold now
 * @param outside     its configuration files that are not in the data directory and can be read
 */
record ServerFacts(
        String systemId,
        int version,
        WalSegmentSize segmentSize,
        boolean inRecovery,
        boolean mayReplicate,
        long bytes,
        Map<String, Integer> settings,
        Map<String, String> text,
        List<Tablespace> tablespaces,
        List<Path> outside,
        String clientVersion) {

    private static final List<String> SIZES = List.of(
            "max_connections",
            "max_prepared_transactions",
            "max_locks_per_transaction",
            "max_wal_senders",
            "max_worker_processes");

    /** @throws RecoveryFailure DATABASE_UNREACHABLE; WRONG_SYSTEM_ID when it is not the server of the data directory */
    static ServerFacts read(ClusterAccess access) {
        ControlFile control = access.controlFile();
        String client = Commands.require(
                        new ServerUser(null),
                        access.program("pg_basebackup", "--version"),
                        Map.of(),
                        Duration.ofSeconds(10))
                .strip();
        try (Connection connection = access.connect()) {
            return read(connection, access, control, client);
        } catch (SQLException e) {
            throw access.unreachable(e);
        }
    }

    private static ServerFacts read(Connection connection, ClusterAccess access, ControlFile control, String client)
            throws SQLException {
        String systemId = one(connection, "select system_identifier from pg_control_system()");
        if (!systemId.equals(control.systemId())) {
            throw new RecoveryFailure(
                    FailureCode.WRONG_SYSTEM_ID,
                    "the server at %s:%d has system identifier %s, the data directory %s has %s"
                            .formatted(
                                    access.cluster().host(),
                                    access.cluster().port(),
                                    systemId,
                                    access.cluster().dataDirectory(),
                                    control.systemId()),
                    "make host, port and data-directory in lifeboat.yaml name the same cluster");
        }
        Map<String, Integer> sizes = new LinkedHashMap<>();
        Map<String, String> text = new LinkedHashMap<>();
        for (List<String> row : rows(connection, "select name, setting from pg_settings")) {
            if (SIZES.contains(row.get(0))) {
                sizes.put(row.get(0), Integer.parseInt(row.get(1)));
            } else {
                text.put(row.get(0), row.get(1) == null ? "" : row.get(1));
            }
        }
        return new ServerFacts(
                systemId,
                Integer.parseInt(one(connection, "show server_version_num")),
                control.segmentSize(),
                one(connection, "select pg_is_in_recovery()").equals("t"),
                one(connection, "select rolsuper or rolreplication from pg_roles where rolname = current_user")
                        .equals("t"),
                Long.parseLong(one(connection, "select coalesce(sum(pg_database_size(oid)), 0) from pg_database")),
                sizes,
                text,
                tablespaces(connection),
                outside(connection, access.cluster().dataDirectory()),
                client);
    }

    /** As they are now: one may have come or gone while a backup was taken. */
    static List<Tablespace> tablespacesNow(ClusterAccess access) {
        try (Connection connection = access.connect()) {
            return tablespaces(connection);
        } catch (SQLException e) {
            throw access.unreachable(e);
        }
    }

    private static List<Tablespace> tablespaces(Connection connection) throws SQLException {
        String sql = "select oid, spcname, pg_tablespace_location(oid), coalesce(pg_tablespace_size(oid), 0)"
                + " from pg_tablespace where spcname not in ('pg_default', 'pg_global') order by oid";
        return rows(connection, sql).stream()
                .map(row -> new Tablespace(row.get(0), row.get(1), row.get(2), Long.parseLong(row.get(3))))
                .toList();
    }

    private static List<Path> outside(Connection connection, Path dataDirectory) throws SQLException {
        String sql = "select distinct file from (select setting as file from pg_settings where name in"
                + " ('config_file', 'hba_file', 'ident_file') union select sourcefile from pg_file_settings) files"
                + " where file is not null order by file";
        List<Path> outside = new ArrayList<>();
        for (List<String> row : rows(connection, sql)) {
            Path file = Path.of(row.get(0));
            if (!isInside(file, dataDirectory) && Files.isReadable(file)) {
                outside.add(file);
            }
        }
        return List.copyOf(outside);
    }

    private static boolean isInside(Path file, Path folder) {
        try {
            return file.toRealPath().startsWith(folder.toRealPath());
        } catch (IOException e) {
            return file.startsWith(folder);
        }
    }

    private static String one(Connection connection, String sql) throws SQLException {
        List<List<String>> rows = rows(connection, sql);
        return rows.isEmpty() ? "" : rows.get(0).get(0);
    }

    private static List<List<String>> rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<List<String>> rows = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    String value = result.getString(i);
                    row.add(value == null ? "" : value);
                }
                rows.add(row);
            }
            return rows;
        }
    }
}
