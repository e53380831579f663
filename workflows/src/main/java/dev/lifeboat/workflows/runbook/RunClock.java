package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the times of a run can be believed. They are Temporal's; a worker measures each attempt with a clock that nobody
 * can set, and an attempt cannot have taken longer than the step that it is of.
 */
final class RunClock {

    /** Times come in milliseconds and from two hosts. */
    private static final Duration ROUNDING = Duration.ofSeconds(1);

    private static final Duration JUMP = Duration.ofSeconds(5);

    private boolean wrong;

    /** False once a promise cannot be measured by it any more. */
    boolean isTrusted() {
        return !wrong;
    }

    /** @param elapsed from the begin of the step to its outcome, by Temporal's clock */
    List<Finding> look(StepId step, Duration elapsed, StepOutcome outcome) {
        List<Finding> findings = new ArrayList<>();
        Duration took = Duration.ofMillis(outcome.tookMillis());
        Duration jump = Duration.ofMillis(outcome.clockJumpMillis());
        if (jump.abs().compareTo(JUMP) >= 0) {
            findings.add(new Finding(
                    "medium",
                    "the clock of the host of worker %s was set %s by %s in step %s: times that it wrote before and after cannot be compared"
                            .formatted(
                                    outcome.worker(),
                                    jump.isNegative() ? "back" : "forward",
                                    ReportWords.duration(jump.abs()),
                                    step.id()),
                    "see why it jumps (chronyc tracking, timedatectl)"));
        }
        boolean back = took.minus(elapsed).compareTo(ROUNDING) > 0;
        // The same host, or the same source of time: what is more than the work itself is about the jump.
        boolean forward = jump.compareTo(JUMP) >= 0
                && elapsed.minus(took).compareTo(jump.dividedBy(10).multipliedBy(9)) >= 0;
        if (back || forward) {
            wrong = true;
            findings.add(new Finding(
                    "high",
                    "the clock of Temporal was set %s in step %s: the step took %s by it, and the attempt alone %s by a clock that cannot be set. The recovery time was not measured"
                            .formatted(
                                    back ? "back" : "forward",
                                    step.id(),
                                    ReportWords.duration(elapsed),
                                    ReportWords.duration(took)),
                    "see why the clock of Temporal's host jumps; judge the promise of this run by hand"));
        }
        return findings;
    }
}
