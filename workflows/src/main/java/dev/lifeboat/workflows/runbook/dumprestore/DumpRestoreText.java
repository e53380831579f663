package dev.lifeboat.workflows.runbook.dumprestore;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A plan in the words in which a person is asked about it. */
final class DumpRestoreText {

    private DumpRestoreText() {}

    static String summary(DumpRestorePlan plan) {
        return "%s, %s"
                .formatted(plan.source().choice().name(), plan.source().bytes().words());
    }

    /**
     * Asked when the copy is ready, so that it says what the copy was found to be.
     *
     * @param checked of the checks on the copy, for example {@code 7 of 7 checks green}
     */
    static String question(DumpRestorePlan plan, String checked, List<Finding> findings, Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "Replace the live database %s of %s by what was restored?".formatted(plan.database(), plan.cluster()));
        lines.add("from      %s, snapshot of %s"
                .formatted(
                        plan.source().address(), Objects.toString(plan.source().snapshotAt(), "a time nobody knows")));
        lines.add("restored  %s: %s".formatted(plan.restored(), checked));
        lines.add("given up  " + givenUp(plan, now));
        findings.stream()
                .filter(each -> !each.severity().equals("low"))
                .forEach(each -> lines.add("note      " + each.what()));
        lines.add("stopped   the writers "
                + (plan.writers().isEmpty() ? "(none configured)" : String.join(", ", plan.writers()))
                + "; every session of %s is ended".formatted(plan.database()));
        lines.add(
                plan.kept() == null
                        ? "kept      nothing: there is no database %s now".formatted(plan.database())
                        : "kept      the live database, as %s, closed to connections".formatted(plan.kept()));
        lines.add("digest    "
                + plan.digest().substring(0, Math.min(12, plan.digest().length())));
        return String.join("\n", lines);
    }

    private static String givenUp(DumpRestorePlan plan, Instant now) {
        Duration lost = lost(plan, now);
        return lost == null
                ? "not known: nobody knows when the dump was made"
                : "the commits of " + ReportWords.duration(lost) + ", all since the dump's snapshot";
    }

    /** From the dump's snapshot to where the live database still committed; null where nobody knows either. */
    static @Nullable Duration lost(DumpRestorePlan plan, Instant liveUntil) {
        Instant snapshot = plan.source().snapshotAt();
        Instant last = plan.liveExists() ? liveUntil : plan.lastCommitAt();
        if (snapshot == null || last == null) {
            return null;
        }
        Duration span = Duration.between(snapshot, last);
        return span.isNegative() ? Duration.ZERO : span;
    }
}
