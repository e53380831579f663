package dev.lifeboat.activities.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to a database and is not restored with what is in it: owner, grants, settings for everybody and for single
 * roles, limit, comment and labels. A copy without the grants of its original would let in whom that one keeps out.
 */
final class DatabaseProperties {

    /** Their values are lists of identifiers, which a quoted text would make a single one of. */
    private static final Set<String> LISTS = Set.of("search_path", "temp_tablespaces");

    private static final Set<String> LISTS_OF_FILES =
            Set.of("local_preload_libraries", "session_preload_libraries", "shared_preload_libraries");

    /** Not privileged; no such role, or parameter; a value or a provider of labels that is not known here. */
    private static final Set<String> REFUSALS = Set.of("42501", "42704", "22023");

    private final Connection connection;
    private final List<String> refused = new ArrayList<>();

    private DatabaseProperties(Connection connection) {
        this.connection = connection;
    }

    /**
     * Makes those of one database those of another; what the other had of its own is gone. One transaction.
     *
     * @return the statements that this login may not make
     */
    static List<String> copy(Connection connection, String from, String to) throws SQLException {
        return inOneGo(connection, properties -> {
            properties.settings(from, to);
            properties.grants(from, to);
            properties.rest(from, to);
            properties.labels(from, to);
        });
    }

    /**
     * Makes them those of an archive, where there is no other database that has them.
     *
     * @return the statements that this server refuses
     */
    static List<String> say(Connection connection, ArchivedDatabase archived, String to) throws SQLException {
        return inOneGo(connection, properties -> {
            for (ArchivedDatabase.Statement statement : archived.statements()) {
                properties.change(statement.on(to));
            }
        });
    }

    private interface Change {
        void of(DatabaseProperties properties) throws SQLException;
    }

    private static List<String> inOneGo(Connection connection, Change change) throws SQLException {
        connection.setAutoCommit(false);
        try {
            DatabaseProperties properties = new DatabaseProperties(connection);
            change.of(properties);
            connection.commit();
            return List.copyOf(properties.refused);
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** A login that is no superuser may set less than was set, and a role, a parameter or a provider may be gone. */
    private void change(String sql) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            RestoreSession.execute(connection, sql);
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            if (!REFUSALS.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
            connection.rollback(before);
            refused.add(sql);
        }
    }

    private void settings(String from, String to) throws SQLException {
        for (String role : RestoreSession.column(connection, rolesWithSettings(), to)) {
            change(target(role, to) + " reset all");
        }
        String sql = "select coalesce((select rolname from pg_roles where oid = setrole), ''), unnest(setconfig)"
                + " from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = ?)";
        for (List<@Nullable String> row : RestoreSession.rows(connection, sql, from)) {
            String setting = Objects.requireNonNull(row.get(1));
            int equals = setting.indexOf('=');
            String name = setting.substring(0, equals);
            String value = setting.substring(equals + 1);
            String alter = target(Objects.requireNonNull(row.get(0)), to) + " set " + settingName(name);
            if (LISTS.contains(name)) {
                RestoreSession.one(connection, "select set_config(?, ?, true)", name, value);
                change(alter + " from current");
            } else if (LISTS_OF_FILES.contains(name)) {
                change(alter + " to " + elements(value));
            } else {
                change(alter + " to " + RestoreSession.literal(value));
            }
        }
    }

    private static String rolesWithSettings() {
        return "select coalesce((select rolname from pg_roles where oid = setrole), '') from pg_db_role_setting"
                + " where setdatabase = (select oid from pg_database where datname = ?)";
    }

    /** @param role empty for everybody */
    private static String target(String role, String database) {
        return role.isEmpty()
                ? "alter database " + RestoreSession.quoted(database)
                : "alter role %s in database %s"
                        .formatted(RestoreSession.quoted(role), RestoreSession.quoted(database));
    }

    /** One of an extension has a dot in it, between two identifiers. */
    private static String settingName(String name) {
        return Arrays.stream(name.split("\\.")).map(RestoreSession::quoted).collect(Collectors.joining("."));
    }

    private static String elements(String list) {
        return Arrays.stream(list.split(","))
                .map(String::strip)
                .map(each -> each.startsWith("\"") && each.length() > 1 ? each.substring(1, each.length() - 1) : each)
                .map(RestoreSession::literal)
                .collect(Collectors.joining(", "));
    }

    private void grants(String from, String to) throws SQLException {
        String name = RestoreSession.quoted(to);
        for (String grantee : RestoreSession.column(
                connection, "select distinct " + grantee() + " from (" + acl() + ") acl where true", to)) {
            change("revoke all on database %s from %s".formatted(name, grantee));
        }
        String sql = "select acl.privilege_type, " + grantee() + ", acl.is_grantable from (" + acl() + ") acl";
        for (List<@Nullable String> row : RestoreSession.rows(connection, sql, from)) {
            change("grant %s on database %s to %s%s"
                    .formatted(row.get(0), name, row.get(1), "t".equals(row.get(2)) ? " with grant option" : ""));
        }
    }

    private static String grantee() {
        return "case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end";
    }

    private static String acl() {
        return "select (aclexplode(coalesce(datacl, acldefault('d', datdba)))).* from pg_database where datname = ?";
    }

    private void rest(String from, String to) throws SQLException {
        List<@Nullable String> row = RestoreSession.rows(
                        connection,
                        "select pg_get_userbyid(datdba), datconnlimit, shobj_description(oid, 'pg_database')"
                                + " from pg_database where datname = ?",
                        from)
                .get(0);
        String name = RestoreSession.quoted(to);
        List<String> statements = new ArrayList<>();
        statements.add("alter database %s connection limit %s".formatted(name, row.get(1)));
        String comment = row.get(2);
        statements.add("comment on database %s is %s"
                .formatted(name, comment == null ? "null" : RestoreSession.literal(comment)));
        for (String statement : statements) {
            change(statement);
        }
    }

    private void labels(String from, String to) throws SQLException {
        String sql = "select provider, label from pg_shseclabel where classoid = 'pg_database'::regclass"
                + " and objoid = (select oid from pg_database where datname = ?)";
        for (List<@Nullable String> row : RestoreSession.rows(connection, sql, from)) {
            change("security label for %s on database %s is %s"
                    .formatted(
                            RestoreSession.quoted(Objects.requireNonNull(row.get(0))),
                            RestoreSession.quoted(to),
                            RestoreSession.literal(Objects.requireNonNull(row.get(1)))));
        }
    }

    /** Null where there is no such database. */
    static @Nullable String tablespace(Connection connection, String database) throws SQLException {
        return RestoreSession.one(
                connection,
                "select spcname from pg_tablespace where oid = (select dattablespace from pg_database where datname = ?)",
                database);
    }

    static @Nullable String owner(Connection connection, String database) throws SQLException {
        return RestoreSession.one(
                connection, "select pg_get_userbyid(datdba) from pg_database where datname = ?", database);
    }
}
