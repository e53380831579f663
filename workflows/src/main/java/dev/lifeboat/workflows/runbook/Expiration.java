package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.ExpiryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.Workflow;
import java.util.List;

/** Retention as the last thing that a run which made a backup does: it may fail, and the backup stays what it is. */
final class Expiration {

    private Expiration() {}

    static StepOutcome run(ActivityOptions options, ExpiryOrder order) {
        PostgresRetentionActivities retention = Workflow.newActivityStub(PostgresRetentionActivities.class, options);
        try {
            return retention.expireBackups(order);
        } catch (ActivityFailure failure) {
            if (FailureTranslator.isCancellation(failure)) {
                throw failure;
            }
            FailureTranslator.Read read = FailureTranslator.read(failure);
            return StepOutcome.of("not done: " + read.message(), "")
                    .withFindings(List.of(new Finding(
                            "medium",
                            "old backups of %s were not deleted, or not all of them: %s: %s"
                                    .formatted(order.cluster(), read.code(), read.message()),
                            read.hint())));
        }
    }
}
