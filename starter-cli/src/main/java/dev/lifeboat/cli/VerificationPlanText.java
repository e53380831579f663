package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.domain.postgres.Dump;
import java.util.List;

/** What a verification would restore, and where. */
final class VerificationPlanText {

    private VerificationPlanText() {}

    static List<String> facts(VerificationPlan plan) {
        Dump dump = plan.dump();
        Table table = new Table();
        table.row(
                "  dump",
                "%s, %s (%s stored), %s"
                        .formatted(dump.id(), Words.bytes(dump.bytes()), Words.bytes(dump.storedBytes()), plan.why()));
        table.row("  its snapshot", Words.utc(dump.startedAt()));
        table.row("  restores into", plan.directories().copy() + "; the live cluster is not touched");
        table.row(
                "  with",
                "PostgreSQL %d in %s, reached by a private socket only"
                        .formatted(dump.serverVersion() / 10_000, plan.binDirectory()));
        table.row(
                "  afterwards",
                plan.keptUntil() == null
                        ? "it is removed"
                        : "it goes on running until " + Words.utc(plan.keptUntil())
                                + ", then 'lifeboat cleanup' removes it");
        table.row(
                "  damages the copy",
                plan.proveChecks() ? "yes, to see each check turn red" : "no; --prove-checks does");
        table.row("  second path", "a drill of pitr-recovery to a random time");
        if (!plan.otherDatabases().isEmpty()) {
            table.row("  not restored", "dumps of " + String.join(", ", plan.otherDatabases()));
        }
        return table.lines();
    }
}
