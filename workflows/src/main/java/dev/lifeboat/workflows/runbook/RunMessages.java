package dev.lifeboat.workflows.runbook;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.UpdateValidatorMethod;

/** How people follow a run and answer it; the same for every runbook, whose workflow interface extends this one. */
public interface RunMessages {

    @QueryMethod
    RunStatus status();

    /** Lets the step go on that waits for an approval. Refused when that step is not waiting. */
    @UpdateMethod
    RunStatus approve(GateAnswer answer);

    @UpdateValidatorMethod(updateName = "approve")
    void validateApprove(GateAnswer answer);

    /** Declines: the run undoes what it changed, reports and ends. Refused when that step is not waiting. */
    @UpdateMethod
    RunStatus reject(GateAnswer answer);

    @UpdateValidatorMethod(updateName = "reject")
    void validateReject(GateAnswer answer);

    /** Tries the failed step once more. Refused when no step has failed. */
    @UpdateMethod
    RunStatus retry(Decision decision);

    @UpdateValidatorMethod(updateName = "retry")
    void validateRetry(Decision decision);

    /** Goes on without the failed step. Refused where the runbook does not allow it. */
    @UpdateMethod
    RunStatus skip(Decision decision);

    @UpdateValidatorMethod(updateName = "skip")
    void validateSkip(Decision decision);

    /** Stops the run wherever it is, undoes in reverse order, reports. Refused after the point of no return. */
    @UpdateMethod
    RunStatus abort(Decision decision);

    @UpdateValidatorMethod(updateName = "abort")
    void validateAbort(Decision decision);

    /** @param step the step that is approved, so that a late answer cannot open another gate */
    record GateAnswer(String step, String who, String reason) {}

    record Decision(String who, String reason) {}
}
