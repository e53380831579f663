package dev.lifeboat.workflows.runbook.restoreverification;

import dev.lifeboat.workflows.runbook.StepId;

/** The steps of {@code restore-verification}, equal to those in {@code runbooks/restore-verification/runbook.yaml}. */
public enum RestoreVerificationStep implements StepId {
    SELECT_DUMP(false),
    TAKE_LEASE(false),
    START_SERVER(false),
    RESTORE_GLOBALS(false),
    LOAD_DUMP(false),
    CHECK_DATABASE(false),
    PROVE_CHECKS(true),
    REMOVE_SERVER(true),
    PROVE_POINT_IN_TIME(true),
    NOTE_PROOF(true),
    RELEASE_LEASE(true),
    WRITE_REPORT(true);

    private final boolean maySkip;

    RestoreVerificationStep(boolean maySkip) {
        this.maySkip = maySkip;
    }

    @Override
    public boolean maySkip() {
        return maySkip;
    }
}
