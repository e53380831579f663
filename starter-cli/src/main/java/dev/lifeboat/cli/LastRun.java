package dev.lifeboat.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
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

    /** {@code pitr-recovery/main/drill  2026-08-22T09:31:07Z  exit 0  pass executed verified rto rpo clean}. */
    String line() {
        if (verdicts == null) {
            return run + "  " + Words.utc(startedAt) + "  " + state;
        }
        return run + "  " + Words.utc(startedAt) + "  exit " + exitCode + "  " + verdicts(verdicts);
    }

    /** {@code pass executed verified clean, not-measured rto rpo}. */
    private static String verdicts(Verdicts v) {
        Map<Verdict, StringJoiner> words = new EnumMap<>(Verdict.class);
        put(words, v.executed(), "executed");
        put(words, v.verified(), "verified");
        put(words, v.rto(), "rto");
        put(words, v.rpo(), "rpo");
        put(words, v.clean(), "clean");
        StringJoiner text = new StringJoiner(", ");
        words.forEach((verdict, names) -> text.add(verdict + " " + names));
        return text.toString();
    }

    private static void put(Map<Verdict, StringJoiner> words, Verdict verdict, String name) {
        words.computeIfAbsent(verdict, any -> new StringJoiner(" ")).add(name);
    }
}
