package dev.lifeboat.workflows.runbook.dumprestore;

import dev.lifeboat.workflows.runbook.StepId;

/** The steps of {@code dump-restore}, equal to those in {@code runbooks/dump-restore/runbook.yaml}. */
public enum DumpRestoreStep implements StepId {
    SELECT_DUMP(false, false),
    TAKE_LEASE(false, false),
    CHECK_ROOM(false, false),
    CREATE_DATABASE(false, false),
    LOAD_DUMP(false, false),
    ANALYZE_DATABASE(true, false),
    CHECK_DATABASE(true, false),
    MIGRATE_DATABASE(true, false),
    SMOKE_TEST_COPY(true, false),
    STOP_WRITERS(true, true),
    SWAP_DATABASES(false, true),
    SMOKE_TEST_LIVE(true, true),
    START_WRITERS(true, true),
    RELEASE_LEASE(true, false),
    WRITE_REPORT(true, false);

    private final boolean maySkip;
    private final boolean inPlaceOnly;

    DumpRestoreStep(boolean maySkip, boolean inPlaceOnly) {
        this.maySkip = maySkip;
        this.inPlaceOnly = inPlaceOnly;
    }

    @Override
    public boolean maySkip() {
        return maySkip;
    }

    /** Whether it concerns the live database, which a restore beside does not touch. */
    boolean isInPlaceOnly() {
        return inPlaceOnly;
    }
}
