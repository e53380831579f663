package dev.lifeboat.workflows.runbook;

/**
 * A step came to nothing because of what steps before it had brought, and the runbook knows how to do those again
 * without a person. Passes through {@link RunSupervisor} to the runbook, which begins with the first of them.
 */
public final class StepsAgain extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param why for the step table, while the run goes on */
    public StepsAgain(String why) {
        super(why);
    }
}
