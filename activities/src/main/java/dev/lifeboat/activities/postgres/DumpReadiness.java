package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whether this host's programs can dump the server, and which of its databases are to be dumped. */
final class DumpReadiness {

    private static final List<String> PROGRAMS = List.of("pg_dump", "pg_dumpall", "pg_restore");
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) ((\\d+)\\S*)");
    private static final String DATABASES =
            "select datname, datistemplate, datallowconn, datconnlimit = -2 from pg_catalog.pg_database order by datname";

    /** As {@code pg_database} tells of it. */
    record Database(String name, boolean template, boolean connectable, boolean invalid) {}

    /** @param findings about those that are left out */
    record Chosen(List<String> databases, List<Finding> findings) {}

    private final ClusterAccess access;

    DumpReadiness(ClusterAccess access) {
        this.access = access;
    }

    /** @throws RecoveryFailure CLUSTER_NOT_READY, WRONG_SYSTEM_ID, DATABASE_UNREACHABLE */
    Chosen choose(@Nullable String only) {
        try (Connection connection = access.connect()) {
            access.liveControlFile().ifPresent(control -> requireSameCluster(connection, control));
            requirePrograms(one(connection, "show server_version"));
            List<Database> there = new ArrayList<>();
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(DATABASES)) {
                while (row.next()) {
                    there.add(new Database(row.getString(1), row.getBoolean(2), row.getBoolean(3), row.getBoolean(4)));
                }
            }
            return choose(access.cluster().name(), access.cluster().databases(), only, there);
        } catch (SQLException e) {
            throw access.unreachable(e);
        }
    }

    static Chosen choose(String cluster, List<String> configured, @Nullable String only, List<Database> there) {
        if (only != null) {
            if (there.stream().noneMatch(each -> each.name().equals(only))) {
                throw new RecoveryFailure(
                        FailureCode.CLUSTER_NOT_READY,
                        "cannot dump the database %s: %s has none of that name, but %s"
                                .formatted(
                                        only,
                                        cluster,
                                        String.join(
                                                ", ",
                                                there.stream()
                                                        .filter(each -> !each.template())
                                                        .map(Database::name)
                                                        .toList())),
                        "names are taken as they are, capital letters too");
            }
            return new Chosen(List.of(only), List.of());
        }
        if (!configured.isEmpty()) {
            // One that is not there fails by itself, and the others are dumped.
            return new Chosen(List.copyOf(new LinkedHashSet<>(configured)), List.of());
        }
        List<String> chosen = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        for (Database each : there) {
            if (each.template()) {
                continue;
            }
            if (each.invalid()) {
                findings.add(new Finding(
                        "medium",
                        "database %s is not dumped: a DROP DATABASE of it was broken off, and nobody can connect to it"
                                .formatted(each.name()),
                        "end what was begun: drop database \"%s\"".formatted(each.name())));
            } else if (each.connectable()) {
                chosen.add(each.name());
            } else {
                findings.add(new Finding(
                        "medium",
                        "database %s is not dumped: it allows no connections".formatted(each.name()),
                        "allow them with 'alter database \"%s\" allow_connections true', or name the databases to dump as 'databases:' of %s in lifeboat.yaml"
                                .formatted(each.name(), cluster)));
            }
        }
        if (chosen.isEmpty()) {
            throw new RecoveryFailure(
                    FailureCode.CLUSTER_NOT_READY,
                    "there is nothing to dump in %s: it has no database but templates and those that allow no connections"
                            .formatted(cluster),
                    "look at 'select * from pg_database'");
        }
        return new Chosen(List.copyOf(chosen), List.copyOf(findings));
    }

    private void requirePrograms(String server) {
        for (String program : PROGRAMS) {
            String said = Commands.require(
                    new ServerUser(null), access.program(program, "--version"), Map.of(), Duration.ofSeconds(10));
            requireNotOlder(program, said.strip(), server, access.cluster().name());
        }
    }

    /** An older one refuses too, but only in the middle; it would not know everything that such a server has. */
    static void requireNotOlder(String program, String said, String server, String cluster) {
        Matcher version = VERSION.matcher(said);
        Matcher served = Pattern.compile("(\\d+).*").matcher(server);
        if (version.find()
                && served.matches()
                && Integer.parseInt(version.group(2)) < Integer.parseInt(served.group(1))) {
            throw new RecoveryFailure(
                    FailureCode.CLUSTER_NOT_READY,
                    "%s is of version %s, and the server of %s of version %s: an older one cannot dump it"
                            .formatted(program, version.group(1), cluster, server),
                    "install the client programs of that version and name their folder as bin-directory of %s in lifeboat.yaml"
                            .formatted(cluster));
        }
    }

    private void requireSameCluster(Connection connection, ControlFile control) {
        try {
            String answers = one(connection, "select system_identifier::text from pg_catalog.pg_control_system()");
            if (!answers.equals(control.systemId())) {
                throw new RecoveryFailure(
                        FailureCode.WRONG_SYSTEM_ID,
                        "the server at %s:%d has system identifier %s, the data directory %s has %s"
                                .formatted(
                                        access.cluster().host(),
                                        access.cluster().port(),
                                        answers,
                                        access.cluster().dataDirectory(),
                                        control.systemId()),
                        "make host, port and data-directory in lifeboat.yaml name the same cluster");
            }
        } catch (SQLException e) {
            throw access.unreachable(e);
        }
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }
}
