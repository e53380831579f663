package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.Workflow;
import java.time.Duration;

/** Goes on for days, also where the store refuses: a key that has expired is renewed by somebody one day. */
public final class LateReportWorkflowImpl implements LateReportWorkflow {

    static final Duration PAUSE = Duration.ofMinutes(5);
    static final Duration PATIENCE = Duration.ofDays(3);

    @Override
    public void write(RunReport report) {
        EvidenceActivities evidence = Workflow.newActivityStub(
                EvidenceActivities.class,
                ActivityOptions.newBuilder(ActivityPolicies.smallWrite(TaskQueues.PLATFORM))
                        .setSummary("report of " + report.run() + "@" + report.runId())
                        .build());
        long end = Workflow.currentTimeMillis() + PATIENCE.toMillis();
        while (true) {
            try {
                evidence.writeReport(report);
                return;
            } catch (ActivityFailure failure) {
                if (FailureTranslator.isCancellation(failure)) {
                    throw failure;
                }
                if (Workflow.currentTimeMillis() >= end) {
                    throw givenUp(report, FailureTranslator.read(failure));
                }
                Workflow.sleep(PAUSE);
            }
        }
    }

    private static RecoveryFailure givenUp(RunReport report, FailureTranslator.Read why) {
        return new RecoveryFailure(
                FailureCode.OBJECT_STORE_UNREACHABLE,
                "the report of %s@%s did not come into the bucket within %d days: %s"
                        .formatted(report.run(), report.runId(), PATIENCE.toDays(), why.message()),
                why.hint());
    }
}
