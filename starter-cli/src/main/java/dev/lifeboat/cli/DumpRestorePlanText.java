package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Kind;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PlannedRestore;
import java.time.Instant;

/** What a restore of a dump would do, before it does it. */
final class DumpRestorePlanText {

    private DumpRestorePlanText() {}

    static Table facts(PlannedRestore planned, Instant now) {
        DumpRestorePlan plan = planned.plan();
        Table table = new Table();
        table.row("  from", plan.source().address());
        table.row(
                "",
                "%s, %s stored"
                        .formatted(
                                plan.source().bytes().words(),
                                Words.bytes(plan.source().storedBytes())));
        Instant snapshot = plan.source().snapshotAt();
        Lsn lsn = plan.source().lsn();
        table.row(
                "  holds",
                snapshot == null
                        ? "what was committed when it was made: nobody knows when"
                        : "what was committed at %s, %s%s"
                                .formatted(
                                        Words.utc(snapshot),
                                        Words.away(snapshot, now),
                                        lsn == null ? "" : ", logged before " + lsn));
        table.row(
                "  compared with",
                plan.source().choice().kind() == Kind.DUMP
                        ? "its manifest: tables, exact row counts, extensions, sequences"
                        : "nothing: it has no manifest");
        if (!plan.tables().isEmpty()) {
            table.row("  only the tables", String.join(", ", plan.tables()) + ", without indexes and foreign keys");
        }
        table.row("  restores into", "%s, with %s".formatted(plan.restored(), Words.plural(plan.jobs(), "job")));
        if (plan.clean()) {
            table.row(
                    "  takes the place of",
                    plan.kept() == null
                            ? plan.database() + ", which is not there now"
                            : "%s, which is kept as %s, closed to connections".formatted(plan.database(), plan.kept()));
            table.row("  writers", plan.writers().isEmpty() ? "none configured" : String.join(", ", plan.writers()));
        } else {
            table.row("  live database", plan.database() + " is not touched");
        }
        planned.findings().forEach(finding -> table.row("  note", finding.what()));
        return table;
    }
}
