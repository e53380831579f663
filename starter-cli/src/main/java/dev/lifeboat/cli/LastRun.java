package dev.lifeboat.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The newest run of one name.
 *
 * @param state {@code open}, {@code completed}, or how Temporal calls an end without a report
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record LastRun(
        String run,
        String runId,
        String state,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Verdicts verdicts,
        @Nullable Integer exitCode) {

    static LastRun of(RunReport report) {
        return new LastRun(
                report.run(),
                report.runId(),
                "completed",
                report.startedAt(),
                report.endedAt(),
                report.verdicts(),
                report.exitCode());
    }

    static LastRun of(RunHead head) {
        return new LastRun(
                head.name(),
                head.runId(),
                head.isOpen() ? "open" : head.statusWord(),
                head.startedAt(),
                head.endedAt(),
                null,
                null);
    }

    /** {@code pitr-recovery/main/drill  2026-08-22T09:31:07Z  exit 0  all five verdicts pass}. */
    String line() {
        if (verdicts == null) {
            return run + "  " + Words.utc(startedAt) + "  " + state;
        }
        return run + "  " + Words.utc(startedAt) + "  exit " + exitCode + "  " + verdicts(verdicts);
    }

    private static String verdicts(Verdicts v) {
        StringBuilder text = new StringBuilder();
        append(text, "executed", v.executed());
        append(text, "verified", v.verified());
        append(text, "rto", v.rto());
        append(text, "rpo", v.rpo());
        append(text, "clean", v.clean());
        return text.toString();
    }

    private static void append(StringBuilder text, String name, Verdict verdict) {
        text.append(text.isEmpty() ? "" : ", ").append(name).append(' ').append(verdict);
    }
}
