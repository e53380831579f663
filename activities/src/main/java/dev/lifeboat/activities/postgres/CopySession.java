package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Runs SQL in the copy, through its private socket. */
final class CopySession {

    private final PostgresCluster cluster;
    private final ServerUser user;
    private final Path socketFolder;

    CopySession(PostgresCluster cluster, RecoveryWorkspace workspace) {
        this.cluster = cluster;
        this.user = workspace.user();
        this.socketFolder = workspace.socketFolder();
    }

    /** Rows of unaligned text, columns divided by {@code |}; what went wrong is in the result. */
    Commands.Result run(String database, String sql, Duration limit) {
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
                "--username=" + cluster.user(),
                "--dbname=" + database,
                "--command=" + sql);
        return Commands.run(user, command, Map.of("PGCONNECT_TIMEOUT", "10", "PGAPPNAME", "lifeboat"), limit);
    }

    /** @throws RecoveryFailure DATABASE_UNREACHABLE with the server's words */
    String require(String database, String sql) {
        Commands.Result result = run(database, sql, Duration.ofMinutes(10));
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
