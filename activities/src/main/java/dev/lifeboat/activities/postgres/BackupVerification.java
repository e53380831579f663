package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** PostgreSQL's own check of restored files, before recovery changes them. */
final class BackupVerification {

    private static final Duration LIMIT = Duration.ofHours(12);

    private BackupVerification() {}

    /**
     * Nothing when recovery has begun: from then on the files are no longer those of the backup.
     *
     * @throws RecoveryFailure COMMAND_FAILED where somebody ended the program, which says nothing of the files
     */
    static List<Check> run(PostgresCluster cluster, RecoveryWorkspace workspace) {
        if (workspace.has("configured")) {
            return List.of();
        }
        Commands.Result result = Commands.run(workspace.user(), command(cluster, workspace), Map.of(), LIMIT);
        if (result.wasKilled()) {
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED,
                    "cannot compare %s with its manifest: pg_verifybackup was ended by signal %d"
                            .formatted(workspace.copy(), result.exitCode() - Commands.SIGNALS),
                    "it is tried again; look whether this host is short of memory ('dmesg' tells)");
        }
        String said = (result.output() + result.errors()).strip();
        return List.of(Check.of(
                "pg_verifybackup",
                "no difference",
                result.succeeded() ? "no difference" : said.substring(0, Math.min(600, said.length())),
                result.succeeded()));
    }

    /** The map of tablespaces was turned to the copy's own places at once, after its checksum had been compared. */
    private static List<String> command(PostgresCluster cluster, RecoveryWorkspace workspace) {
        List<String> command =
                new ArrayList<>(List.of(cluster.binary("pg_verifybackup").toString(), "--no-parse-wal", "--quiet"));
        if (!workspace.tablespaces().isEmpty()) {
            command.addAll(List.of("--ignore", CopyTablespaces.MAP));
        }
        command.add(workspace.copy().toString());
        return command;
    }
}
