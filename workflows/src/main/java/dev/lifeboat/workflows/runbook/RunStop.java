package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.runbook.Verdictor.Ending;

/** Ends the steps of a run from inside; never seen outside of the supervisor. */
final class RunStop extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Ending ending;

    RunStop(Ending ending) {
        this.ending = ending;
    }

    Ending ending() {
        return ending;
    }
}
