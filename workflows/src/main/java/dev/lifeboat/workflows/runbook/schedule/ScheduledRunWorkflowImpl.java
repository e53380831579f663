package dev.lifeboat.workflows.runbook.schedule;

import dev.lifeboat.workflows.contract.TaskQueues;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.ChildWorkflowStub;
import io.temporal.workflow.Workflow;

/** Two runs of one name cannot be open: Temporal itself refuses the second, whoever started the first. */
public final class ScheduledRunWorkflowImpl implements ScheduledRunWorkflow {

    @Override
    public ScheduledStart start(ScheduledRunInput input) {
        ChildWorkflowStub run = Workflow.newUntypedChildWorkflowStub(
                input.workflow(),
                ChildWorkflowOptions.newBuilder()
                        .setWorkflowId(input.run())
                        .setTaskQueue(TaskQueues.RUNBOOKS)
                        .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                        .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON)
                        .setStaticSummary(input.summary())
                        .build());
        run.executeAsync(Object.class, input.input());
        try {
            // Only once it has begun does it outlive this workflow.
            return new ScheduledStart(
                    input.runbook(), input.run(), true, run.getExecution().get().getRunId(), "");
        } catch (ChildWorkflowFailure failure) {
            if (failure.getCause() instanceof WorkflowExecutionAlreadyStarted) {
                return new ScheduledStart(input.runbook(), input.run(), false, null, "a run of that name was open");
            }
            throw failure;
        }
    }
}
