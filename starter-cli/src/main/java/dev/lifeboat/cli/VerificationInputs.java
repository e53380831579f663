package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.Runbook;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationInput;
import java.util.Set;

/** The inputs of {@code restore-verification}, judged by their words. */
final class VerificationInputs {

    private static final String LATEST = "latest";
    private static final Set<String> OWN = Set.of("cluster", "database", "backup", "random", "prove-checks", "keep");

    /** The second path of every verification. */
    private static final String DRILLED = "pitr-recovery";

    private final Tool tool;
    private final InputOptions typed;

    VerificationInputs(Tool tool, InputOptions typed) {
        this.tool = tool;
        this.typed = typed;
    }

    RunOrder order(Runbook runbook, PostgresCluster cluster, RunRequest request) {
        if (typed.drill) {
            throw CliFailure.usage(
                    runbook.id() + " takes no --drill", "leave it out: it never touches the live cluster");
        }
        typed.refuseAllBut(runbook, OWN, false);
        String backup = typed.backup;
        if (backup != null && typed.random) {
            throw CliFailure.usage(
                    "--random and --backup exclude each other", "leave one of them out: any dump, or this one");
        }
        if (backup != null && backup.isBlank() || typed.database != null && typed.database.isBlank()) {
            throw CliFailure.usage(
                    (backup != null && backup.isBlank() ? "--backup" : "--database") + " is empty",
                    "'lifeboat backups " + cluster.name() + "' lists what exists");
        }
        return new RunOrder(
                runbook,
                runbook.id() + "/" + cluster.name(),
                RunMode.DRILL,
                cluster.name(),
                null,
                request.objectives(),
                new RestoreVerificationInput(
                        request,
                        cluster.name(),
                        typed.database,
                        LATEST.equals(backup) ? null : backup,
                        typed.random,
                        typed.proveChecks,
                        typed.keep,
                        tool.objectives(tool.runbook(DRILLED), cluster)));
    }
}
