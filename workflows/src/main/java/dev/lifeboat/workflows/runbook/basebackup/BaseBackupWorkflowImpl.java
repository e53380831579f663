package dev.lifeboat.workflows.runbook.basebackup;

import static dev.lifeboat.workflows.runbook.basebackup.BaseBackupStep.*;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities.BackupOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities.BackupRef;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities.TakenBackup;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Scope;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.runbook.Achievement;
import dev.lifeboat.workflows.runbook.RunSupervisor;
import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The order of a base backup. A backup that nobody read back is not called one. */
public final class BaseBackupWorkflowImpl extends RunSupervisor implements BaseBackupWorkflow {

    public static final String RUNBOOK = "base-backup";

    private final String cluster;
    private @Nullable BaseBackup taken;

    @WorkflowInit
    public BaseBackupWorkflowImpl(BaseBackupInput input) {
        super(RUNBOOK, List.of(BaseBackupStep.values()), input.request(), RunMode.BACKUP);
        this.cluster = input.cluster();
    }

    @Override
    public RunReport backUp(BaseBackupInput same) {
        return supervise(this::backUp);
    }

    private void backUp() {
        step(CHECK_CLUSTER, () -> backups(ActivityPolicies.patientProbe(queue()))
                .checkCluster(cluster));
        step(TAKE_LEASE, () -> takeLease(TAKE_LEASE, cluster));
        step(TAKE_BASE_BACKUP, this::takeBaseBackup);
        step(AWAIT_WAL, () -> slow().awaitWal(reference()));
        step(VERIFY_BACKUP, this::readBack);
        if (Workflow.getVersion("expire-backups", Workflow.DEFAULT_VERSION, 1) >= 1) {
            step(EXPIRE_BACKUPS, () -> expireBackups(cluster, Scope.BASE_BACKUPS));
        }
        step(RELEASE_LEASE, this::releaseLease);
    }

    private StepOutcome takeBaseBackup() {
        TakenBackup made = slow().takeBaseBackup(new BackupOrder(cluster, fence()));
        taken = made.backup();
        return made.outcome();
    }

    private StepOutcome readBack() {
        StepOutcome outcome = slow().verifyBaseBackup(reference());
        BaseBackup backup = Objects.requireNonNull(taken);
        return outcome.checks().isEmpty()
                ? outcome.withChecks(List.of(
                        Check.of("chunks read back", backup.chunks() + " as in the manifest", outcome.detail(), true)))
                : outcome;
    }

    @Override
    protected Achievement achievement() {
        BaseBackup made = taken;
        return made == null ? Achievement.NONE : Achievement.of(new Source(made.id(), made.systemId(), null, null, 0));
    }

    private BackupRef reference() {
        return new BackupRef(cluster, fence(), Objects.requireNonNull(taken).id());
    }

    private String queue() {
        return TaskQueues.postgres(cluster);
    }

    private PostgresBackupActivities slow() {
        return backups(ActivityPolicies.longRunning(queue()));
    }

    private PostgresBackupActivities backups(ActivityOptions options) {
        return Workflow.newActivityStub(PostgresBackupActivities.class, named(options));
    }
}
