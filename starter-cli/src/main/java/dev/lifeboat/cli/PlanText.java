package dev.lifeboat.cli;

import dev.lifeboat.config.Runbook;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a run would do, before it does it. */
final class PlanText {

    private final RunOrder order;
    private final ZoneId zone;
    private final Instant now;

    PlanText(RunOrder order, Surroundings surroundings) {
        this.order = order;
        this.zone = surroundings.zone();
        this.now = surroundings.clock().instant();
    }

    List<String> lines(Planner.Planned planned) {
        List<String> lines = new ArrayList<>();
        lines.add(order.name() + "   " + order.mode() + "   promise: " + Words.promise(order.objectives()));
        lines.addAll(planned.facts());
        lines.add("steps");
        lines.addAll(steps().lines());
        return lines;
    }

    List<String> facts(RecoveryPlan plan) {
        Table table = new Table();
        target(table, plan);
        if (plan.lastCommitAt() != null) {
            table.row("  last commit in", plan.lastCommitAt().toString());
        }
        if (plan.nextCommitAt() != null) {
            table.row("  first commit left out", plan.nextCommitAt().toString());
        }
        table.row("  given up", givenUp(plan));
        BaseBackup backup = plan.backup();
        table.row(
                "  base backup",
                "%s, %s (%s stored), ended %s, timeline %d"
                        .formatted(
                                backup.id(),
                                Words.bytes(backup.bytes()),
                                Words.bytes(backup.storedBytes()),
                                Words.utc(backup.endedAt()),
                                backup.timeline()));
        table.row(
                "  WAL",
                plan.firstSegment() + " to " + plan.lastSegment() + " (" + Words.plural(plan.segments(), "segment")
                        + "), timeline "
                        + plan.path().stream()
                                .map(leg -> String.valueOf(leg.timeline()))
                                .collect(Collectors.joining(" then ")));
        where(table, plan);
        plan.directories()
                .tablespaces()
                .forEach(each ->
                        table.row("  tablespace " + each.name(), each.location() + ", recovers in " + each.copy()));
        if (plan.placement() == Placement.IN_PLACE) {
            plan.standbys().forEach(each -> table.row("  standby", each));
            if (!plan.standbys().isEmpty()) {
                table.row(
                        "",
                        "none that is ahead of the target can follow; pause what would promote one while the server is stopped");
            }
            table.row("  writers", plan.writers().isEmpty() ? "none configured" : String.join(", ", plan.writers()));
        }
        return table.lines();
    }

    private void target(Table table, RecoveryPlan plan) {
        String stop = plan.stopLsn() == null ? "" : " (WAL position " + plan.stopLsn() + ")";
        if (plan.target() instanceof RecoveryTarget.AtTime at) {
            table.row("  target", at.time() + (plan.exclusive() ? ", exclusive" : "") + stop);
            table.row("", Words.local(at.time(), zone) + ", " + Words.away(at.time(), now));
        } else {
            table.row("  target", plan.target().asTyped() + (plan.exclusive() ? ", exclusive" : "") + stop);
        }
    }

    private static String givenUp(RecoveryPlan plan) {
        Instant last = plan.lastArchivedCommitAt();
        if (plan.nextCommitAt() == null || last == null) {
            return "nothing that is known";
        }
        Instant from = plan.lastCommitAt() == null ? plan.nextCommitAt() : plan.lastCommitAt();
        return "%s of commits, from %s to %s"
                .formatted(Words.of(Duration.between(from, last)), plan.nextCommitAt(), last);
    }

    private static void where(Table table, RecoveryPlan plan) {
        switch (plan.placement()) {
            case IN_PLACE -> {
                table.row("  recovers in", plan.directories().copy());
                table.row(
                        "  takes the place of",
                        plan.directories().live() + ", which is kept beside it (the live cluster is stopped)");
            }
            case INTO -> {
                table.row("  recovers in", plan.directories().copy());
                table.row("  opens it on port", plan.directories().port() + "; the live cluster is not touched");
            }
            case DRILL -> table.row("  rehearses in", plan.directories().copy() + "; the live cluster is not touched");
        }
    }

    private Table steps() {
        Table table = new Table();
        int number = 1;
        for (Runbook.Step step : order.steps()) {
            table.row(
                    "%4d".formatted(number++),
                    step.id(),
                    "changes: " + step.changes() + (asksFirst(step) ? "  (asks first)" : ""));
        }
        return table;
    }

    private boolean asksFirst(Runbook.Step step) {
        return !step.approval().isEmpty() && order.placement() == Placement.IN_PLACE;
    }
}
