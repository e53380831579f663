package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A plan in the words in which a person is asked about it. */
final class PlanText {

    private PlanText() {}

    static String summary(RecoveryPlan plan) {
        return "base backup %s, %s, timeline %d%s"
                .formatted(
                        plan.backup().id(),
                        ReportWords.count(plan.segments(), "segment", "segments"),
                        plan.timeline(),
                        plan.stopLsn() == null ? "" : ", stop at " + plan.stopLsn());
    }

    /**
     * @param older  base backups that would be taken in its stead, newest first
     * @param clocks what a person should know of clocks that jumped
     */
    static String question(RecoveryPlan plan, List<String> older, List<Finding> clocks) {
        List<String> lines = new ArrayList<>();
        lines.add("Replace the live data of %s by its state at %s%s?"
                .formatted(plan.cluster(), plan.target().asTyped(), plan.exclusive() ? " (exclusive)" : ""));
        lines.add("from      base backup %s, consistent at %s"
                .formatted(plan.backup().id(), plan.backup().endedAt()));
        if (!older.isEmpty()) {
            lines.add("          should it be damaged, the next older one that leads to the same: "
                    + String.join(", ", older.subList(0, Math.min(3, older.size())))
                    + (older.size() > 3 ? ", and %d more".formatted(older.size() - 3) : ""));
        }
        lines.add("replay    %s, %s to %s, along timeline %d"
                .formatted(
                        ReportWords.count(plan.segments(), "WAL segment", "WAL segments"),
                        plan.firstSegment(),
                        plan.lastSegment(),
                        plan.timeline()));
        lines.add("last in   " + Objects.toString(plan.lastCommitAt(), "not known"));
        lines.add("first out " + Objects.toString(plan.nextCommitAt(), "the end of WAL"));
        lines.add("given up  " + givenUp(plan.lastCommitAt(), plan.lastArchivedCommitAt()));
        clocks.forEach(each -> lines.add("clock     " + each.what()));
        lines.add("stopped   the server, and the writers "
                + (plan.writers().isEmpty() ? "(none configured)" : String.join(", ", plan.writers())));
        plan.standbys().forEach(each -> lines.add("standby   " + each));
        if (!plan.standbys().isEmpty()) {
            lines.add(
                    "          none that is ahead of the target can follow: it must be rewound or built anew afterwards."
                            + " Pause now what would promote one while the server is stopped");
        }
        lines.add(
                "kept      the old data directory, beside " + plan.directories().live());
        plan.directories()
                .tablespaces()
                .forEach(each -> lines.add(
                        "          and the old files of tablespace %s, in %s".formatted(each.name(), each.location())));
        lines.add("digest    "
                + plan.digest().substring(0, Math.min(12, plan.digest().length())));
        return String.join("\n", lines);
    }

    private static String givenUp(@Nullable Instant from, @Nullable Instant to) {
        if (from == null || to == null) {
            return "not known";
        }
        Duration span = Duration.between(from, to);
        return span.isNegative() || span.isZero() ? "nothing" : "the commits of " + ReportWords.duration(span);
    }
}
