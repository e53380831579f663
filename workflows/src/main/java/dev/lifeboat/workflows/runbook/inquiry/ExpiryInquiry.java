package dev.lifeboat.workflows.runbook.inquiry;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities.LeaseRequest;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Expiry;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.ExpiryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.PinOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Pinned;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Scope;
import dev.lifeboat.workflows.domain.Fence;
import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Retention at a person's word: under the leases of the runs that make backups, so that it never meets one of them. */
final class ExpiryInquiry {

    private ExpiryInquiry() {}

    static Expiry ask(String cluster, boolean apply) {
        String queue = TaskQueues.postgres(cluster);
        if (!apply) {
            return retention(ActivityPolicies.probe(queue)).planExpiry(cluster);
        }
        LeaseActivities leases =
                Workflow.newActivityStub(LeaseActivities.class, ActivityPolicies.smallWrite(TaskQueues.PLATFORM));
        WorkflowInfo self = Workflow.getInfo();
        List<Fence> held = new ArrayList<>();
        try {
            for (String target : List.of(cluster, cluster + ".daily-dump")) {
                held.add(leases.takeLease(new LeaseRequest(
                        target, self.getWorkflowId(), self.getRunId(), self.getNamespace(), false, false)));
            }
            return retention(ActivityPolicies.longRunning(queue))
                    .expire(new ExpiryOrder(
                            cluster,
                            List.copyOf(held),
                            Scope.ALL,
                            "expire/" + cluster,
                            Instant.ofEpochMilli(Workflow.currentTimeMillis())));
        } finally {
            Workflow.newDetachedCancellationScope(() -> held.forEach(leases::releaseLease))
                    .run();
        }
    }

    static Pinned pin(PinOrder order) {
        return retention(ActivityPolicies.probe(TaskQueues.postgres(order.cluster())))
                .pin(order);
    }

    private static PostgresRetentionActivities retention(ActivityOptions options) {
        return Workflow.newActivityStub(PostgresRetentionActivities.class, options);
    }
}
