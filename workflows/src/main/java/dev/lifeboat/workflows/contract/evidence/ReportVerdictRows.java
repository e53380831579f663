package dev.lifeboat.workflows.contract.evidence;

import static dev.lifeboat.workflows.contract.evidence.ReportWords.count;
import static dev.lifeboat.workflows.contract.evidence.ReportWords.duration;

import dev.lifeboat.workflows.contract.evidence.ReportPage.Row;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Tone;
import dev.lifeboat.workflows.domain.RunMode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The five verdicts, each with the fact it rests on. */
final class ReportVerdictRows {

    private final RunReport report;

    ReportVerdictRows(RunReport report) {
        this.report = report;
    }

    List<Row> rows() {
        Verdicts verdicts = report.verdicts();
        return List.of(
                row(verdicts.executed(), "executed", executed()),
                row(verdicts.verified(), "verified", verified()),
                row(
                        verdicts.rto(),
                        "RTO",
                        promise(
                                verdicts.rto(),
                                "recovery time",
                                report.achieved().recoveryTime(),
                                report.objectives().rto())),
                row(
                        verdicts.rpo(),
                        "RPO",
                        promise(
                                verdicts.rpo(),
                                "data loss",
                                report.achieved().dataLoss(),
                                report.objectives().rpo())),
                row(verdicts.clean(), "clean", clean()));
    }

    static Tone tone(Verdict verdict) {
        return switch (verdict) {
            case PASS -> Tone.GOOD;
            case FAIL -> Tone.BAD;
            case NOT_MEASURED -> Tone.WARN;
        };
    }

    static String word(Verdict verdict) {
        return switch (verdict) {
            case PASS -> "pass";
            case FAIL -> "FAIL";
            case NOT_MEASURED -> "not measured";
        };
    }

    private static Row row(Verdict verdict, String name, String why) {
        return new Row(tone(verdict), List.of(word(verdict), name, why));
    }

    private String executed() {
        long done = countSteps(StepState.DONE);
        long failed = countSteps(StepState.FAILED);
        long skipped = countSteps(StepState.SKIPPED);
        long undone = countSteps(StepState.UNDONE);
        long never = countSteps(StepState.NOT_RUN);
        StringBuilder text = new StringBuilder(count(done, "step", "steps")).append(" done");
        append(text, failed, "failed");
        append(text, skipped, "skipped");
        append(text, undone, "undone");
        append(text, never, "not run");
        return text.toString();
    }

    private String verified() {
        long all = report.checks().stream()
                .filter(check -> check.verdict() != Verdict.NOT_MEASURED)
                .count();
        long passed = report.checks().stream()
                .filter(check -> check.verdict() == Verdict.PASS)
                .count();
        if (all == 0) {
            return "nothing was checked";
        }
        return passed == all
                ? count(all, "check", "checks") + " passed"
                : "%d of %s failed".formatted(all - passed, count(all, "check", "checks"));
    }

    private String promise(Verdict verdict, String name, @Nullable Duration measured, Duration promised) {
        if (measured == null) {
            return report.mode() == RunMode.BACKUP
                    ? "a backup measures no " + name
                    : "%s is not known; promised at most %s".formatted(name, duration(promised));
        }
        return verdict == Verdict.NOT_MEASURED
                ? "%s %s".formatted(name, duration(measured))
                : "%s %s, promised at most %s".formatted(name, duration(measured), duration(promised));
    }

    private String clean() {
        long onPurpose = report.leftBehind().stream()
                .filter(left -> left.keptUntil() != null)
                .count();
        long byAccident = report.leftBehind().size() - onPurpose;
        if (byAccident > 0) {
            return count(byAccident, "thing", "things") + " to be removed by hand, see 'Left behind'";
        }
        return switch (report.verdicts().clean()) {
            case PASS ->
                onPurpose == 0
                        ? "nothing is left"
                        : "nothing is left but %s kept on purpose".formatted(count(onPurpose, "thing", "things"));
            case FAIL -> "something could not be put back, see the findings";
            case NOT_MEASURED -> "nobody looked";
        };
    }

    private long countSteps(StepState state) {
        return report.steps().stream().filter(step -> step.state() == state).count();
    }

    private static void append(StringBuilder text, long number, String state) {
        if (number > 0) {
            text.append(", ").append(number).append(' ').append(state);
        }
    }
}
