package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Extension;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Revision;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Sequence;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What is done to a restored database on purpose, and the check that must turn red by it. */
enum VerificationDamage {
    DROPPED_TABLE("tables") {
        @Override
        Optional<String> inflict(Connection connection, DatabaseFacts facts) throws SQLException {
            for (Table table : facts.tables()) {
                if (!isOfExtension(connection, table)) {
                    String name = quoted(table.schema(), table.name());
                    execute(connection, "drop table " + name + " cascade");
                    return Optional.of("table %s.%s was dropped".formatted(table.schema(), table.name()));
                }
            }
            return Optional.empty();
        }
    },
    DELETED_ROWS("exact row counts") {
        @Override
        Optional<String> inflict(Connection connection, DatabaseFacts facts) throws SQLException {
            Optional<Table> table =
                    facts.tables().stream().filter(each -> each.rows() > 0).min(Comparator.comparingLong(Table::rows));
            if (table.isEmpty()) {
                return Optional.empty();
            }
            String name = quoted(table.get().schema(), table.get().name());
            // Neither triggers nor foreign keys are to be in the way.
            execute(connection, "set local session_replication_role = replica");
            execute(
                    connection,
                    "delete from only %s where ctid in (select ctid from only %s limit 1)".formatted(name, name));
            return Optional.of("a row of %s.%s was deleted"
                    .formatted(table.get().schema(), table.get().name()));
        }
    },
    REMOVED_EXTENSION("extensions") {
        @Override
        Optional<String> inflict(Connection connection, DatabaseFacts facts) throws SQLException {
            List<Extension> extensions = facts.extensions();
            if (extensions.isEmpty()) {
                execute(connection, "create extension plpgsql");
                return Optional.of("extension plpgsql was added");
            }
            Extension last = extensions.stream()
                    .filter(each -> !each.name().equals("plpgsql"))
                    .reduce((first, second) -> second)
                    .orElse(extensions.get(0));
            execute(connection, "drop extension " + quoted(last.name()) + " cascade");
            return Optional.of("extension " + last.name() + " was dropped");
        }
    },
    SEQUENCE_SET_BACK("sequences") {
        @Override
        Optional<String> inflict(Connection connection, DatabaseFacts facts) throws SQLException {
            for (Sequence sequence : facts.sequences()) {
                // Unlike setval, a restart is taken back with its transaction.
                String name = quoted(sequence.schema(), sequence.name());
                long begin = beginOf(connection, sequence);
                if (sequence.last() != begin || sequence.called()) {
                    execute(connection, "alter sequence " + name + " restart with " + begin);
                    return Optional.of("sequence %s.%s was set back from %d to %d"
                            .formatted(sequence.schema(), sequence.name(), sequence.last(), begin));
                }
            }
            execute(connection, "create schema lifeboat_damage");
            execute(connection, "create sequence lifeboat_damage.one_too_many");
            return Optional.of("a sequence that is not in the dump was made, since none could be set back");
        }
    },
    CHANGED_REVISION("schema revision") {
        @Override
        Optional<String> inflict(Connection connection, DatabaseFacts facts) throws SQLException {
            if (facts.revisions().isEmpty()) {
                return Optional.empty();
            }
            Revision revision = facts.revisions().get(0);
            String table = tableOf(revision);
            execute(connection, "set local session_replication_role = replica");
            execute(
                    connection,
                    revision.tool().equals("alembic")
                            ? "update only " + table + " set version_num = 'damaged'"
                            : "delete from only " + table);
            return Optional.of("the schema revision in %s was changed".formatted(revision.table()));
        }
    },
    REMOVED_LARGE_OBJECT("large objects") {
        @Override
        Optional<String> inflict(Connection connection, DatabaseFacts facts) throws SQLException {
            if (facts.largeObjects() == 0) {
                execute(connection, "select pg_catalog.lo_create(0)");
                return Optional.of("a large object that is not in the dump was made, since it has none");
            }
            execute(
                    connection,
                    "select pg_catalog.lo_unlink(oid) from (select oid from pg_catalog.pg_largeobject_metadata limit 1) one");
            return Optional.of("a large object was removed");
        }
    };

    private final String check;

    VerificationDamage(String check) {
        this.check = check;
    }

    /** The name of the check that must turn red. */
    String check() {
        return check;
    }

    /**
     * Damages what is seen in this transaction, which the caller takes back.
     *
     * @return what was done, in words; empty where there is nothing of the kind
     */
    abstract Optional<String> inflict(Connection connection, DatabaseFacts facts) throws SQLException;

    /** Every table of it, so that what a smoke test asks for is not there. */
    static void empty(Connection connection, DatabaseFacts facts) throws SQLException {
        if (facts.tables().isEmpty()) {
            return;
        }
        execute(connection, "set local session_replication_role = replica");
        for (Table table : facts.tables()) {
            execute(connection, "truncate only " + quoted(table.schema(), table.name()) + " cascade");
        }
    }

    private static long beginOf(Connection connection, Sequence sequence) throws SQLException {
        String sql = "select case when increment_by > 0 then min_value else max_value end from pg_catalog.pg_sequences"
                + " where schemaname = ? and sequencename = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, sequence.schema());
            statement.setString(2, sequence.name());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static boolean isOfExtension(Connection connection, Table table) throws SQLException {
        String sql = "select count(*) from pg_catalog.pg_depend where classid = 'pg_catalog.pg_class'::regclass"
                + " and deptype = 'e' and objid = pg_catalog.to_regclass(?)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, quoted(table.schema(), table.name()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1) > 0;
            }
        }
    }

    /** A revision names its table as schema and name with a dot between. */
    private static String tableOf(Revision revision) {
        int dot = revision.table().lastIndexOf('.');
        return quoted(revision.table().substring(0, dot), revision.table().substring(dot + 1));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String quoted(String schema, String name) {
        return quoted(schema) + "." + quoted(name);
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
