package dev.lifeboat.workflows.runbook.dailydump;

import dev.lifeboat.workflows.runbook.StepId;

/** The steps of {@code daily-dump}, equal to those in {@code runbooks/daily-dump/runbook.yaml}. */
public enum DailyDumpStep implements StepId {
    CHECK_CLUSTER(false),
    TAKE_LEASE(false),
    DUMP_DATABASES(false),
    VERIFY_DUMPS(false),
    EXPIRE_BACKUPS(true),
    RELEASE_LEASE(true),
    WRITE_REPORT(true);

    private final boolean maySkip;

    DailyDumpStep(boolean maySkip) {
        this.maySkip = maySkip;
    }

    @Override
    public boolean maySkip() {
        return maySkip;
    }
}
