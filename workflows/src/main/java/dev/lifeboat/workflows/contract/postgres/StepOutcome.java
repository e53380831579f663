package dev.lifeboat.workflows.contract.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import java.util.List;

/**
 * What a step found and did.
 *
 * @param detail one line for the step table, for example {@code 2.2 GiB, 171 MiB/s}
 * @param worker  who did it, as {@code pid@host}
 * @param attempt the attempt that succeeded, noted by the worker's interceptor; 0 while it is not known
 * @param tookMillis how long that attempt took by a clock that nobody can set; 0 while it is not known
 * @param clockJumpMillis by how much the clock of the worker's host was set meanwhile, back if negative
 * @param leftOut whether there was nothing to do, because nothing is configured; the detail says so
 */
public record StepOutcome(
        String detail,
        List<Check> checks,
        List<Finding> findings,
        List<LeftBehind> leftBehind,
        String worker,
        int attempt,
        long tookMillis,
        long clockJumpMillis,
        boolean leftOut)
        implements Outcome<StepOutcome> {

    public StepOutcome(
            String detail, List<Check> checks, List<Finding> findings, List<LeftBehind> leftBehind, String worker) {
        this(detail, checks, findings, leftBehind, worker, 0, 0, 0, false);
    }

    public static StepOutcome of(String detail, String worker) {
        return new StepOutcome(detail, List.of(), List.of(), List.of(), worker);
    }

    /** Nothing was done, because nothing is configured. */
    public static StepOutcome leftOut(String reason, String worker) {
        return new StepOutcome(reason, List.of(), List.of(), List.of(), worker, 0, 0, 0, true);
    }

    public StepOutcome withDetail(String told) {
        return new StepOutcome(
                told, checks, findings, leftBehind, worker, attempt, tookMillis, clockJumpMillis, leftOut);
    }

    public StepOutcome withChecks(List<Check> found) {
        return new StepOutcome(
                detail,
                List.copyOf(found),
                findings,
                leftBehind,
                worker,
                attempt,
                tookMillis,
                clockJumpMillis,
                leftOut);
    }

    public StepOutcome withFindings(List<Finding> found) {
        return new StepOutcome(
                detail, checks, List.copyOf(found), leftBehind, worker, attempt, tookMillis, clockJumpMillis, leftOut);
    }

    public StepOutcome withLeftBehind(List<LeftBehind> left) {
        return new StepOutcome(
                detail, checks, findings, List.copyOf(left), worker, attempt, tookMillis, clockJumpMillis, leftOut);
    }

    public StepOutcome withAttempt(int succeeded) {
        return new StepOutcome(
                detail, checks, findings, leftBehind, worker, succeeded, tookMillis, clockJumpMillis, leftOut);
    }

    public StepOutcome withTimes(long took, long clockJump) {
        return new StepOutcome(detail, checks, findings, leftBehind, worker, attempt, took, clockJump, leftOut);
    }

    @Override
    public StepOutcome outcome() {
        return this;
    }

    @Override
    public StepOutcome withOutcome(StepOutcome noted) {
        return noted;
    }
}
