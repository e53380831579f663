package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A transaction that holds still what a dump sees: every table is locked against being changed or emptied, then its snapshot
 * is exported. Truncating and rewriting a table shows in snapshots that are older, so that without the locks rows could be
 * counted that the dump no longer finds. The locks bar nobody from reading and writing.
 */
final class DumpSnapshot implements AutoCloseable {

    private static final int AT_ONCE = 200;
    private static final int TRIES = 5;
    private static final String DROPPED = "42P01";

    private static final String DESCRIPTION =
            "select pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,"
                    + " pg_catalog.current_setting('server_version_num'), s.system_identifier, pg_catalog.pg_database_size(d.oid)"
                    + " from pg_catalog.pg_database d, pg_catalog.pg_control_system() s where d.datname = pg_catalog.current_database()";

    /** Of the database and its server. */
    record Description(
            String owner,
            String encoding,
            String collation,
            String characterClass,
            int serverVersion,
            String systemId,
            long bytes) {}

    private final Connection connection;
    private final DumpFailure failure;
    private String id = "";
    private Instant takenAt = Instant.EPOCH;
    private Lsn lsn = new Lsn(0);
    private Description description = new Description("", "", "", "", 0, "", 0);

    private DumpSnapshot(Connection connection, DumpFailure failure) {
        this.connection = connection;
        this.failure = failure;
    }

    /**
     * @throws RecoveryFailure TABLE_LOCKED naming who holds the lock; CLUSTER_NOT_READY where the database cannot be dumped
     *     as it is, or by this role
     */
    static DumpSnapshot open(ClusterAccess access, String database) {
        DumpFailure failure = new DumpFailure(access, database);
        Connection connection;
        try {
            connection = access.connectForLong(database);
        } catch (SQLException e) {
            throw failure.notConnected(e);
        }
        DumpSnapshot snapshot = new DumpSnapshot(connection, failure);
        try {
            snapshot.take(access.cluster().dumps().lockTimeout());
            return snapshot;
        } catch (SQLException e) {
            snapshot.close();
            throw failure.of(e);
        } catch (RuntimeException e) {
            snapshot.close();
            throw e;
        }
    }

    private void take(Duration lockTimeout) throws SQLException {
        settings();
        description = describe();
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        for (int attempt = 1; ; attempt++) {
            // Outside of the transaction: its snapshot must be younger than its locks.
            connection.setAutoCommit(true);
            List<DumpedRelation> tables = tables();
            connection.setAutoCommit(false);
            try {
                lock(tables, lockTimeout);
                export();
                Set<DumpedRelation> locked = new HashSet<>(tables);
                lock(tables().stream().filter(each -> !locked.contains(each)).toList(), lockTimeout);
                return;
            } catch (SQLException e) {
                connection.rollback();
                if (!DROPPED.equals(e.getSQLState()) || attempt == TRIES) {
                    throw e;
                }
                Transcript.note("a table was dropped meanwhile: once more");
            }
        }
    }

    private void settings() throws SQLException {
        execute("set search_path = ''");
        // What is counted beside a dump must not take its cores.
        execute("set max_parallel_workers_per_gather = 0");
        // The locks go soon after a worker that was killed.
        execute("select pg_catalog.set_config(name, '10s', false) from pg_catalog.pg_settings"
                + " where name = 'client_connection_check_interval'");
        execute("select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings"
                + " where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')");
    }

    private Description describe() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(DESCRIPTION)) {
            row.next();
            return new Description(
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getInt(5),
                    row.getString(6),
                    row.getLong(7));
        }
    }

    private List<DumpedRelation> tables() throws SQLException {
        return DumpedRelation.all(connection).stream()
                .filter(each -> !each.sequence())
                .toList();
    }

    private void lock(List<DumpedRelation> tables, Duration lockTimeout) throws SQLException {
        execute("set lock_timeout = " + lockTimeout.toMillis());
        for (int from = 0; from < tables.size(); from += AT_ONCE) {
            List<DumpedRelation> part = tables.subList(from, Math.min(from + AT_ONCE, tables.size()));
            execute(part.stream()
                    .map(each -> "only " + each.quoted())
                    .collect(Collectors.joining(", ", "lock table ", " in access share mode")));
        }
        execute("set lock_timeout = 0");
    }

    private void export() throws SQLException {
        Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        id = one("select pg_catalog.pg_export_snapshot()");
        takenAt = before;
        // Afterwards: what the snapshot sees was logged by now, though with asynchronous commits perhaps not yet
        // written.
        lsn = Lsn.parse(one("select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()"
                + " else pg_catalog.pg_current_wal_insert_lsn() end"));
        Transcript.note("snapshot %s of %s, before %s".formatted(id, before, lsn));
    }

    private String one(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    String id() {
        return id;
    }

    /** Everything that was committed before is in it. */
    Instant takenAt() {
        return takenAt;
    }

    /** Everything that is in it was logged before. */
    Lsn lsn() {
        return lsn;
    }

    Description description() {
        return description;
    }

    DumpFailure failure() {
        return failure;
    }

    /** Facts in this snapshot; this connection, which has the locks already, counts. */
    DatabaseFactsReader facts(Watch watch) {
        return new DatabaseFactsReader(List.of(connection), Duration.ZERO, watch);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The server has ended it: so has the transaction.
        }
    }
}
