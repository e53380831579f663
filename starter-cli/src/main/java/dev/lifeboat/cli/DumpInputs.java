package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.Runbook;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.dailydump.DailyDumpInput;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges the inputs of {@code daily-dump}. */
final class DumpInputs {

    /** What the names of databases have room for. */
    private static final int LONGEST_NAME = 63;

    private static final Set<String> TAKEN = Set.of("cluster", "database");

    private final InputOptions typed;

    DumpInputs(InputOptions typed) {
        this.typed = typed;
    }

    RunOrder order(Runbook runbook, PostgresCluster cluster, RunRequest request) {
        typed.refuseAllBut(runbook, TAKEN, false);
        checkName(typed.database);
        return new RunOrder(
                runbook,
                runbook.id() + "/" + cluster.name(),
                RunMode.BACKUP,
                cluster.name(),
                null,
                request.objectives(),
                new DailyDumpInput(request, cluster.name(), typed.database));
    }

    private static void checkName(@Nullable String database) {
        if (database != null
                && (database.isEmpty() || database.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME)) {
            throw CliFailure.usage(
                    "the name of a database has between 1 and " + LONGEST_NAME + " bytes",
                    "leave --database out to dump all of the cluster");
        }
    }
}
