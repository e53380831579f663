package dev.lifeboat.workflows.runbook.basebackup;

import dev.lifeboat.workflows.runbook.StepId;

/** The steps of {@code base-backup}, equal to those in {@code runbooks/base-backup/runbook.yaml}. */
public enum BaseBackupStep implements StepId {
    CHECK_CLUSTER(false),
    TAKE_LEASE(false),
    TAKE_BASE_BACKUP(false),
    AWAIT_WAL(false),
    VERIFY_BACKUP(false),
    EXPIRE_BACKUPS(true),
    RELEASE_LEASE(true),
    WRITE_REPORT(true);

    private final boolean maySkip;

    BaseBackupStep(boolean maySkip) {
        this.maySkip = maySkip;
    }

    @Override
    public boolean maySkip() {
        return maySkip;
    }
}
