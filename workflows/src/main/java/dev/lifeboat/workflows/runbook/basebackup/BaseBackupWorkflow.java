package dev.lifeboat.workflows.runbook.basebackup;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunMessages;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Takes a base backup that WAL can be replayed onto, and reads it back. */
@WorkflowInterface
public interface BaseBackupWorkflow extends RunMessages {

    String TYPE = "BaseBackup";

    @WorkflowMethod(name = TYPE)
    RunReport backUp(BaseBackupInput input);
}
