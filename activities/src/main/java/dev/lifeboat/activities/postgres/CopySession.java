package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs SQL in the copy, through its private socket, as any role that it has. What is asked about the copy as a whole is
 * asked in {@link #ANY_DATABASE} and as a superuser, since the role of the configuration may not exist yet, or may not
 * see everything.
 */
final class CopySession {

    /** Every cluster has it; {@code postgres} may have been dropped. */
    static final String ANY_DATABASE = "template1";

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final String SUPERUSER =
            "select rolname from pg_roles where rolsuper and rolcanlogin order by oid limit 1";

    private final PostgresCluster cluster;
    private final ServerUser user;
    private final Path socketFolder;
    private @Nullable String superuser;

    CopySession(PostgresCluster cluster, RecoveryWorkspace workspace) {
        this.cluster = cluster;
        this.user = workspace.user();
        this.socketFolder = workspace.socketFolder();
    }

    /** As the configured role. Rows of unaligned text, columns divided by {@code |}; what went wrong is in the result. */
    Commands.Result run(String database, String sql, Duration limit) {
        return run(cluster.user(), database, sql, limit);
    }

    Commands.Result runAsSuperuser(String database, String sql, Duration limit) {
        return run(superuser(), database, sql, limit);
    }

    /** @throws RecoveryFailure DATABASE_UNREACHABLE with the server's words */
    String require(String database, String sql) {
        return words(database, sql, runAsSuperuser(database, sql, LIMIT));
    }

    private String superuser() {
        if (superuser == null) {
            Commands.Result result = new Commands.Result(2, "", "no role was tried");
            for (String role : new LinkedHashSet<>(List.of(cluster.user(), "postgres", user.name()))) {
                result = run(role, ANY_DATABASE, SUPERUSER, LIMIT);
                if (result.succeeded()) {
                    break;
                }
            }
            superuser = words(ANY_DATABASE, SUPERUSER, result);
        }
        return superuser;
    }

    private Commands.Result run(String role, String database, String sql, Duration limit) {
        List<String> command = List.of(
                cluster.binary("psql").toString(),
                "--no-psqlrc",
                "--quiet",
                "--no-align",
                "--tuples-only",
                "--no-password",
                "--set=ON_ERROR_STOP=1",
                "--host=" + socketFolder,
                "--port=" + RecoverySettings.PORT,
                "--username=" + role,
                "--dbname=" + database,
                "--command=" + sql);
        return Commands.run(user, command, Map.of("PGCONNECT_TIMEOUT", "10", "PGAPPNAME", "lifeboat"), limit);
    }

    private static String words(String database, String sql, Commands.Result result) {
        if (!result.succeeded()) {
            throw new RecoveryFailure(
                    FailureCode.DATABASE_UNREACHABLE,
                    "the copy did not answer \"%s\" in %s: %s"
                            .formatted(sql, database, result.errors().strip()),
                    "it is tried again; the copy's log is in its workspace");
        }
        return result.output().strip();
    }
}
