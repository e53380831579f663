package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Revision;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What the tables of Alembic, Flyway and Liquibase say of the schema, in whichever schema they lie. */
final class SchemaRevisions {

    /** Columns of types that somebody made are not read: a cast of such a type runs his code. */
    private static final String BUILT_IN_COLUMNS = "select pg_catalog.count(*) from pg_catalog.pg_attribute"
            + " where attrelid = ?::oid and attnum > 0 and not attisdropped and atttypid < 16384::oid and attname = any (?)";

    private enum Tool {
        ALEMBIC(
                "alembic",
                "alembic_version",
                List.of("version_num"),
                "select pg_catalog.string_agg(version_num::text, ',' order by version_num) from only %s"),
        FLYWAY(
                "flyway",
                "flyway_schema_history",
                List.of("installed_rank", "version", "success"),
                "select version::text from only %s where success and version is not null order by installed_rank desc limit 1"),
        LIQUIBASE(
                "liquibase",
                "databasechangelog",
                List.of("id", "author", "filename", "orderexecuted"),
                "select filename::text || '::' || id::text || '::' || author::text from only %s order by orderexecuted desc limit 1");

        private final String tool;
        private final String table;
        private final List<String> columns;
        private final String sql;

        Tool(String tool, String table, List<String> columns, String sql) {
            this.tool = tool;
            this.table = table;
            this.columns = columns;
            this.sql = sql;
        }
    }

    private final Connection connection;

    SchemaRevisions(Connection connection) {
        this.connection = connection;
    }

    /** A table that only has such a name, and one that is empty, say nothing. */
    List<Revision> read(List<DumpedRelation> tables) throws SQLException {
        List<Revision> found = new ArrayList<>();
        for (DumpedRelation table : tables) {
            for (Tool tool : Tool.values()) {
                if (table.name().equals(tool.table) && hasColumns(table, tool.columns)) {
                    read(table, tool, found);
                }
            }
        }
        return List.copyOf(found);
    }

    private boolean hasColumns(DumpedRelation table, List<String> columns) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(BUILT_IN_COLUMNS)) {
            statement.setString(1, Long.toString(table.oid()));
            statement.setArray(2, connection.createArrayOf("text", columns.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1) == columns.size();
            }
        }
    }

    private void read(DumpedRelation table, Tool tool, List<Revision> found) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(tool.sql.formatted(table.quoted()))) {
            String revision = row.next() ? row.getString(1) : null;
            if (revision != null) {
                found.add(new Revision(tool.tool, table.named(), revision));
            }
        }
    }
}
