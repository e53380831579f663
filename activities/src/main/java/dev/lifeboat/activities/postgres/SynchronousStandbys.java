package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether the reopened cluster can commit at all: where it waits for standbys that cannot follow it, it answers every
 * question, and each commit hangs.
 */
final class SynchronousStandbys {

    private static final Duration TO_ATTACH = Duration.ofSeconds(5);
    private static final Pattern HOW_MANY =
            Pattern.compile("\\s*(?:(?:FIRST|ANY)\\s+)?(\\d+)\\s*\\(.*", Pattern.CASE_INSENSITIVE);

    private SynchronousStandbys() {}

    /** Empty where commits wait for nobody. */
    static Optional<Check> look(Connection connection) throws SQLException {
        String names = one(connection, "show synchronous_standby_names");
        if (names.isBlank() || List.of("off", "local").contains(one(connection, "show synchronous_commit"))) {
            return Optional.empty();
        }
        int wanted = wanted(names);
        int[] attached = {0};
        boolean enough = Waiting.until(TO_ATTACH, () -> {
            attached[0] = attached(connection);
            return attached[0] >= wanted;
        });
        return Optional.of(Check.of(
                "standbys that commits wait for",
                "%d of synchronous_standby_names = '%s'".formatted(wanted, names),
                attached[0] + " attached",
                enough));
    }

    static Finding finding(Check failed) {
        return new Finding(
                "high",
                "every commit in the recovered cluster waits: it wants %s, and has %s"
                        .formatted(failed.expected(), failed.observed()),
                "until they are rebuilt: \"alter system set synchronous_standby_names = ''\" and \"select pg_reload_conf()\"");
    }

    /** The number that is written before a list in brackets; one where there is none. */
    static int wanted(String names) {
        Matcher matcher = HOW_MANY.matcher(names);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 1;
    }

    private static int attached(Connection connection) {
        try {
            return Integer.parseInt(
                    one(
                            connection,
                            "select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum') and state = 'streaming'"));
        } catch (SQLException e) {
            return 0;
        }
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
