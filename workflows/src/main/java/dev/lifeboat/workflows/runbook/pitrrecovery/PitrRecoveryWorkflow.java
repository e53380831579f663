package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunMessages;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Brings a PostgreSQL cluster back to a point in time. */
@WorkflowInterface
public interface PitrRecoveryWorkflow extends RunMessages {

    String TYPE = "PitrRecovery";

    @WorkflowMethod(name = TYPE)
    RunReport recover(PitrRecoveryInput input);
}
