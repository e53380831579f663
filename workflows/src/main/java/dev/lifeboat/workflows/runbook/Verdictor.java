package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport.Achieved;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import dev.lifeboat.workflows.domain.Objectives;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The five verdicts of a run and the exit code that follows from them. */
final class Verdictor {

    /** How a run came to its end. */
    enum Ending {
        COMPLETED,
        /** A person declined or aborted it, and everything was put back. */
        GIVEN_UP,
        FAILED
    }

    private Verdictor() {}

    static Verdicts judge(
            Ending ending, List<Check> checks, Achieved achieved, Objectives objectives, List<LeftBehind> leftBehind) {
        // What was put back kept no promise, however fast it had got how far.
        boolean stands = ending != Ending.GIVEN_UP;
        return new Verdicts(
                verdict(ending == Ending.COMPLETED),
                verified(checks),
                stands ? within(achieved.recoveryTime(), objectives.rto()) : Verdict.NOT_MEASURED,
                stands ? within(achieved.dataLoss(), objectives.rpo()) : Verdict.NOT_MEASURED,
                verdict(leftBehind.stream().noneMatch(left -> left.keptUntil() == null)));
    }

    /** What was not measured makes the code no worse, except that something must have been verified at all. */
    static int exitCode(Ending ending, Verdicts verdicts) {
        if (ending == Ending.FAILED) {
            return 1;
        }
        if (ending == Ending.GIVEN_UP) {
            return verdicts.clean() == Verdict.FAIL ? 1 : 5;
        }
        if (verdicts.verified() != Verdict.PASS) {
            return 3;
        }
        if (verdicts.clean() == Verdict.FAIL) {
            return 9;
        }
        return verdicts.rto() == Verdict.FAIL || verdicts.rpo() == Verdict.FAIL ? 4 : 0;
    }

    private static Verdict verified(List<Check> checks) {
        if (checks.stream().anyMatch(check -> check.verdict() == Verdict.FAIL)) {
            return Verdict.FAIL;
        }
        boolean anyPassed = checks.stream().anyMatch(check -> check.verdict() == Verdict.PASS);
        return anyPassed ? Verdict.PASS : Verdict.NOT_MEASURED;
    }

    private static Verdict within(@Nullable Duration measured, Duration promised) {
        return measured == null ? Verdict.NOT_MEASURED : verdict(measured.compareTo(promised) <= 0);
    }

    private static Verdict verdict(boolean pass) {
        return pass ? Verdict.PASS : Verdict.FAIL;
    }
}
