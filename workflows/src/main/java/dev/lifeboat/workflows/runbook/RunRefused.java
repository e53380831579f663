package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.domain.RecoveryFailure;

/** Nothing was touched and nothing will be: there is no report, the failure is the answer. */
final class RunRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final RecoveryFailure why;

    RunRefused(RecoveryFailure why) {
        super(why);
        this.why = why;
    }

    RecoveryFailure why() {
        return why;
    }
}
