package dev.lifeboat.workflows.runbook.dumprestore;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunMessages;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Restores a dump beside the live database, checks it there, and where asked puts it into that one's place. */
@WorkflowInterface
public interface DumpRestoreWorkflow extends RunMessages {

    String TYPE = "DumpRestore";

    @WorkflowMethod(name = TYPE)
    RunReport restore(DumpRestoreInput input);
}
