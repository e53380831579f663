package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Why a database cannot be dumped, in words: as the server says it to us, or through {@code pg_dump}. */
final class DumpFailure {

    /** No such database; it allows no connections, or is invalid; no right to connect; too many, by its own limit. */
    private static final Set<String> CLOSED = Set.of("3D000", "55000", "42501");

    private static final String LOCK_TIMEOUT = "55P03";

    /** Reading a table conflicts with this one lock mode, held or waited for in front of us. */
    private static final String HOLDERS =
            """
            select n.nspname, c.relname, a.pid, a.usename, coalesce(a.application_name, ''), coalesce(a.query_start::text, 'an unknown time'), l.granted
              from pg_catalog.pg_locks l
              join pg_catalog.pg_stat_activity a on a.pid = l.pid
              join pg_catalog.pg_class c on c.oid = l.relation
              join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock'
               and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
               and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
             order by l.granted desc, a.query_start, n.nspname, c.relname
             limit 1
            """;

    private final ClusterAccess access;
    private final String database;

    DumpFailure(ClusterAccess access, String database) {
        this.access = access;
        this.database = database;
    }

    RecoveryFailure notConnected(SQLException cause) {
        String state = String.valueOf(cause.getSQLState());
        if (CLOSED.contains(state)) {
            return notReady(
                    cause.getMessage(),
                    "let %s connect to it, or correct 'databases:' of %s in lifeboat.yaml"
                            .formatted(access.cluster().user(), access.cluster().name()),
                    cause);
        }
        return access.unreachable(cause);
    }

    /** What the server said in a session of ours. */
    RecoveryFailure of(SQLException cause) {
        String said = String.valueOf(cause.getMessage());
        return LOCK_TIMEOUT.equals(cause.getSQLState())
                ? locked(cause)
                : known(said, cause).orElseGet(() -> failed(said, cause));
    }

    /** What {@code pg_dump} ended with. */
    RecoveryFailure of(String program, int exitCode, String words) {
        // It waits for locks, and for nothing else, with a limit; in the words of the server that is one for the
        // statement.
        if (words.contains("due to statement timeout") || words.contains("due to lock timeout")) {
            return locked(null);
        }
        String tail = words.length() <= 600 ? words : "…" + words.substring(words.length() - 600);
        return known(words, null)
                .orElseGet(() ->
                        failed("%s ended with exit code %d: %s".formatted(program, exitCode, tail.strip()), null));
    }

    /** Reasons that trying again does not mend. */
    private Optional<RecoveryFailure> known(String said, @Nullable Throwable cause) {
        String user = access.cluster().user();
        if (said.contains("row-level security")) {
            return Optional.of(notReady(
                    line(said, "row-level security"),
                    "it would hold only the rows that %1$s may see; let it see all: alter role \"%1$s\" bypassrls"
                            .formatted(user),
                    cause));
        }
        if (said.contains("permission denied")
                || said.contains("must be owner")
                || said.contains("must be superuser")) {
            return Optional.of(notReady(
                    line(said, "permission denied", "must be"),
                    "let %1$s read everything: grant pg_read_all_data to \"%1$s\"; large objects, other roles' passwords and subscriptions only a superuser may read"
                            .formatted(user),
                    cause));
        }
        if (said.contains("server version mismatch")) {
            return Optional.of(notReady(
                    said,
                    "install the client programs of the server's version and name their folder as bin-directory of %s in lifeboat.yaml"
                            .formatted(access.cluster().name()),
                    cause));
        }
        if (said.contains("max_locks_per_transaction")) {
            return Optional.of(notReady(
                    "its tables are more than the server can lock at once: " + line(said, "shared memory"),
                    "raise max_locks_per_transaction, which takes a restart of the server",
                    cause));
        }
        return Optional.empty();
    }

    /** The sentence that matters, of all that was said. */
    private static String line(String said, String... parts) {
        return said.lines()
                .filter(line -> List.of(parts).stream().anyMatch(line::contains))
                .findFirst()
                .orElse(said)
                .replaceFirst("^pg_dump(?:all)?: (?:error: )?", "")
                .replaceFirst("^ERROR: +", "")
                .strip();
    }

    private RecoveryFailure notReady(@Nullable String why, String hint, @Nullable Throwable cause) {
        return failure(FailureCode.CLUSTER_NOT_READY, String.valueOf(why), hint, cause);
    }

    private RecoveryFailure failed(String why, @Nullable Throwable cause) {
        return failure(
                FailureCode.COMMAND_FAILED, why, "see the log of this step in the evidence, and the server's", cause);
    }

    private RecoveryFailure failure(FailureCode code, String why, String hint, @Nullable Throwable cause) {
        String sentence = "cannot dump the database %s of %s: %s"
                .formatted(database, access.cluster().name(), why.strip());
        return cause == null
                ? new RecoveryFailure(code, sentence, hint)
                : new RecoveryFailure(code, sentence, hint, cause);
    }

    private RecoveryFailure locked(@Nullable SQLException cause) {
        String waited =
                "a table was locked for longer than " + access.cluster().dumps().lockTimeout();
        try (Connection connection = access.connectForLong(database);
                PreparedStatement statement = connection.prepareStatement(HOLDERS);
                ResultSet row = statement.executeQuery()) {
            if (row.next()) {
                return failure(
                        FailureCode.TABLE_LOCKED,
                        "%s: %s.%s is %s by process %d of user %s (%s), whose statement began at %s"
                                .formatted(
                                        waited,
                                        row.getString(1),
                                        row.getString(2),
                                        row.getBoolean(7) ? "held" : "waited for",
                                        row.getInt(3),
                                        row.getString(4),
                                        row.getString(5).isEmpty() ? "no application name" : row.getString(5),
                                        row.getString(6)),
                        "let it end, or end it with 'select pg_terminate_backend(%d)'; its statement: select query from pg_stat_activity where pid = %1$d"
                                .formatted(row.getInt(3)),
                        cause);
            }
        } catch (SQLException e) {
            waited += " (who holds the lock could not be asked: " + e.getMessage() + ")";
        }
        return failure(
                FailureCode.TABLE_LOCKED,
                waited + "; nobody holds it any more",
                "it is tried again; 'dump-lock-timeout' of %s in lifeboat.yaml is how long is waited"
                        .formatted(access.cluster().name()),
                cause);
    }
}
