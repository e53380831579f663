package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Brings the report of a run that has ended already into the bucket, which was away when the run ended. The run itself does
 * not wait: who follows it has its exit code and its report, from Temporal.
 */
@WorkflowInterface
public interface LateReportWorkflow {

    String TYPE = "LateReport";

    /** The id of the one that belongs to a run. */
    static String idOf(String runId) {
        return "late-report/" + runId;
    }

    @WorkflowMethod(name = TYPE)
    void write(RunReport report);
}
