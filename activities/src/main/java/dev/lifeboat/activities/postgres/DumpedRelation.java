package dev.lifeboat.activities.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A table or sequence whose contents a dump carries, chosen as {@code pg_dump} chooses: ordinary tables, partitions,
 * unlogged ones where they can be read, and of what belongs to an extension only what it has registered as its
 * configuration. Not foreign tables. A materialised view is none: a restore fills it anew from the tables, so what it held
 * when it was last refreshed is no measure of a copy.
 *
 * @param pages     as the planner knows it, to begin with the largest
 * @param condition which of its rows a dump carries, as an extension gave it; empty for all
 */
record DumpedRelation(long oid, String schema, String name, boolean sequence, long pages, String condition) {

    private static final String ALL =
            """
            select c.oid::bigint, n.nspname, c.relname, c.relkind = 'S', c.relpages, coalesce(config.condition, '')
              from pg_catalog.pg_class c
              join pg_catalog.pg_namespace n on n.oid = c.relnamespace
              left join (select listed.relation, listed.condition
                           from pg_catalog.pg_extension e,
                                unnest(e.extconfig, e.extcondition) listed (relation, condition)) config
                on config.relation = c.oid
             where c.relkind in ('r', 'S')
               and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
               and (c.relpersistence = 'p' or c.relpersistence = 'u' and not pg_catalog.pg_is_in_recovery())
               and (config.relation is not null
                    or not exists (select from pg_catalog.pg_depend d
                                    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid
                                      and d.objsubid = 0 and d.deptype = 'e'))
             order by n.nspname collate "C", c.relname collate "C"
            """;

    /** In the order of their names. */
    static List<DumpedRelation> all(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ALL)) {
            List<DumpedRelation> found = new ArrayList<>();
            while (row.next()) {
                found.add(new DumpedRelation(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getBoolean(4),
                        row.getLong(5),
                        row.getString(6)));
            }
            return List.copyOf(found);
        }
    }

    /** As it stands in a statement, whatever is in its name. */
    String quoted() {
        return quoted(schema) + "." + quoted(name);
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** For people. */
    String named() {
        return schema + "." + name;
    }
}
