package dev.lifeboat.workflows.runbook.schedule;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Starts one run at the time of a schedule. Temporal appends that time to the id of what a schedule starts, and the id of a
 * run is its lock; so a schedule starts this, and this starts the run under the name that a person's run would have.
 */
@WorkflowInterface
public interface ScheduledRunWorkflow {

    String TYPE = "ScheduledRun";

    /** The id that Temporal appends the time to. */
    static String idOf(String run) {
        return "scheduled/" + run;
    }

    /** Returns as soon as the run has begun, or is known to be open already. */
    @WorkflowMethod(name = TYPE)
    ScheduledStart start(ScheduledRunInput input);
}
