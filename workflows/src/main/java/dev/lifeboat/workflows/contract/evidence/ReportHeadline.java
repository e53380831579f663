package dev.lifeboat.workflows.contract.evidence;

import dev.lifeboat.workflows.contract.evidence.ReportPage.Tone;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RunMode;
import java.util.Set;

/** How a run went, in one sentence that agrees with its exit code. */
final class ReportHeadline {

    private static final Set<String> STOPPED = Set.of(FailureCode.DECLINED.name(), FailureCode.ABORTED.name());

    private ReportHeadline() {}

    static String of(RunReport report) {
        return switch (report.exitCode()) {
            case 0 ->
                (report.mode() == RunMode.DRILL ? "Drill passed: recovered on a copy" : succeeded(report.mode()))
                        + " and verified";
            case 1 -> failed(report);
            case 3 -> succeeded(report.mode()) + ", but " + notVerified(report);
            case 4 -> succeeded(report.mode()) + " and verified, but " + missed(report.verdicts());
            case 5 -> stopped(report);
            case 7 -> "Refused: another run holds this target";
            case 8 -> "Refused: the facts do not allow it now";
            case 9 -> succeeded(report.mode()) + " and verified, but something must be cleaned up by hand";
            default -> "Ended with exit code " + report.exitCode();
        };
    }

    static Tone toneOf(RunReport report) {
        return switch (report.exitCode()) {
            case 0 -> Tone.GOOD;
            case 4, 5, 9 -> Tone.WARN;
            default -> Tone.BAD;
        };
    }

    private static String succeeded(RunMode mode) {
        return switch (mode) {
            case RECOVERY -> "Recovered";
            case DRILL -> "Drill: recovered on a copy";
            case BACKUP -> "Backup taken";
        };
    }

    private static String failed(RunReport report) {
        if (report.failure() != null && STOPPED.contains(report.failure().code())) {
            return stopped(report);
        }
        String what =
                switch (report.mode()) {
                    case RECOVERY -> "NOT RECOVERED";
                    case DRILL -> "DRILL FAILED";
                    case BACKUP -> "NO BACKUP";
                };
        return report.failure() == null || report.failure().step().isEmpty()
                ? what
                : what + ": stopped at " + report.failure().step();
    }

    private static String notVerified(RunReport report) {
        return report.verdicts().verified() == Verdict.FAIL ? "A CHECK FAILED" : "nothing was verified";
    }

    private static String missed(Verdicts verdicts) {
        boolean rto = verdicts.rto() == Verdict.FAIL;
        boolean rpo = verdicts.rpo() == Verdict.FAIL;
        if (rto && rpo) {
            return "both RTO and RPO were missed";
        }
        return rto ? "the RTO was missed" : "the RPO was missed";
    }

    private static String stopped(RunReport report) {
        return report.verdicts().clean() == Verdict.FAIL
                ? "Stopped by a person, and SOMETHING IS LEFT that could not be undone"
                : "Stopped by a person; what had been changed is undone";
    }
}
