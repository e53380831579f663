package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Extension;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Largest;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Sequence;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link DatabaseFacts} in the transactions that its caller began: with the snapshot of a dump they are what the dump
 * holds. Sequences obey no snapshot: they are read first, so that a dump which reads them afterwards carries the same stand
 * or a further one.
 *
 * <p>Leaves its settings in the sessions. Fails, and does not count less, where the role may not see every row.
 */
final class DatabaseFactsReader {

    private static final int AT_ONCE = 100;
    private static final String RESTRICT = "select pg_catalog.set_config(name, 'view, foreign-table', false)"
            + " from pg_catalog.pg_settings where name = 'restrict_nonsystem_relation_kind'";

    private final List<Connection> connections;
    private final Duration statementTimeout;
    private final Watch watch;

    /**
     * @param connections      at least one, all of the same database and snapshot; rows are counted on all of them at once
     * @param statementTimeout for each table; zero for none
     * @param watch            is told how many tables are counted, and ends the work by throwing
     */
    DatabaseFactsReader(List<Connection> connections, Duration statementTimeout, Watch watch) {
        this.connections = List.copyOf(connections);
        this.statementTimeout = statementTimeout;
        this.watch = watch;
    }

    DatabaseFacts read() throws SQLException, InterruptedException {
        return begin().count();
    }

    /** Reads everything but the numbers of rows. */
    Begun begin() throws SQLException {
        for (Connection each : connections) {
            settings(each);
        }
        Connection first = connections.get(0);
        List<DumpedRelation> relations = DumpedRelation.all(first);
        List<Sequence> sequences = sequences(
                first, relations.stream().filter(DumpedRelation::sequence).toList());
        List<DumpedRelation> tables =
                relations.stream().filter(each -> !each.sequence()).toList();
        List<Extension> extensions = extensions(first);
        Largest largest = largest(first, tables);
        var revisions = new SchemaRevisions(first).read(tables);
        long largeObjects = largeObjects(first);
        return new Begun(tables, new DatabaseFacts(List.of(), extensions, sequences, largest, revisions, largeObjects));
    }

    /** Facts that lack the tables, whose rows are still to be counted. */
    final class Begun {

        private final List<DumpedRelation> tables;
        private final DatabaseFacts others;

        private Begun(List<DumpedRelation> tables, DatabaseFacts others) {
            this.tables = tables;
            this.others = others;
        }

        DatabaseFacts count() throws SQLException, InterruptedException {
            Map<DumpedRelation, Long> rows = new RowCounts(connections, watch).count(tables);
            return new DatabaseFacts(
                    tables.stream()
                            .map(each -> new Table(each.schema(), each.name(), rows.getOrDefault(each, -1L)))
                            .toList(),
                    others.extensions(),
                    others.sequences(),
                    others.largest(),
                    others.revisions(),
                    others.largeObjects());
        }
    }

    /**
     * No name is looked up along a path that somebody else could have put something into, and rows that a policy hides are
     * an error. Where the server can, a table that somebody swaps for a view meanwhile is refused: it would run his code.
     */
    private void settings(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set search_path = ''");
            statement.execute("set row_security = off");
            statement.execute("set statement_timeout = " + Math.min(statementTimeout.toMillis(), Integer.MAX_VALUE));
            statement.execute(RESTRICT);
        }
    }

    private static List<Sequence> sequences(Connection connection, List<DumpedRelation> sequences) throws SQLException {
        List<Sequence> read = new ArrayList<>();
        for (int from = 0; from < sequences.size(); from += AT_ONCE) {
            List<DumpedRelation> part = sequences.subList(from, Math.min(from + AT_ONCE, sequences.size()));
            String sql = IntStream.range(0, part.size())
                    .mapToObj(index -> "select %d as place, last_value, is_called from %s"
                            .formatted(index, part.get(index).quoted()))
                    .collect(Collectors.joining(" union all ", "", " order by place"));
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                while (row.next()) {
                    DumpedRelation each = part.get(row.getInt(1));
                    read.add(new Sequence(each.schema(), each.name(), row.getLong(2), row.getBoolean(3)));
                }
            }
        }
        return List.copyOf(read);
    }

    private static List<Extension> extensions(Connection connection) throws SQLException {
        String sql = "select e.extname, e.extversion, n.nspname from pg_catalog.pg_extension e"
                + " join pg_catalog.pg_namespace n on n.oid = e.extnamespace order by e.extname collate \"C\"";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<Extension> found = new ArrayList<>();
            while (row.next()) {
                found.add(new Extension(row.getString(1), row.getString(2), row.getString(3)));
            }
            return List.copyOf(found);
        }
    }

    private static @Nullable Largest largest(Connection connection, List<DumpedRelation> tables) throws SQLException {
        String sql = "select n.nspname, c.relname, pg_catalog.pg_total_relation_size(c.oid) from pg_catalog.pg_class c"
                + " join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = any (?::oid[])"
                + " order by 3 desc nulls last, 1, 2 limit 1";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(
                    1,
                    tables.stream().map(each -> Long.toString(each.oid())).collect(Collectors.joining(",", "{", "}")));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? new Largest(row.getString(1), row.getString(2), row.getLong(3)) : null;
            }
        }
    }

    private static long largeObjects(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select pg_catalog.count(*) from pg_catalog.pg_largeobject_metadata")) {
            row.next();
            return row.getLong(1);
        }
    }
}
