package dev.lifeboat.workflows.runbook.restoreverification;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunMessages;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Restores a dump into a throw-away server and a base backup to some moment, and says whether both are good. */
@WorkflowInterface
public interface RestoreVerificationWorkflow extends RunMessages {

    String TYPE = "RestoreVerification";

    @WorkflowMethod(name = TYPE)
    RunReport verify(RestoreVerificationInput input);
}
