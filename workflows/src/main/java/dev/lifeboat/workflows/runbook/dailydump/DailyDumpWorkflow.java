package dev.lifeboat.workflows.runbook.dailydump;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunMessages;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Dumps the databases of a cluster, each by itself, and reads every dump back. */
@WorkflowInterface
public interface DailyDumpWorkflow extends RunMessages {

    String TYPE = "DailyDump";

    @WorkflowMethod(name = TYPE)
    RunReport dump(DailyDumpInput input);
}
