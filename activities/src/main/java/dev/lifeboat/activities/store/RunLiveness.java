package dev.lifeboat.activities.store;

/** What Temporal knows about a run that once took a lease. */
@FunctionalInterface
public interface RunLiveness {

    /**
     * @param run   the workflow id
     * @param runId the Temporal run
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure when Temporal cannot be asked: then nobody knows
     */
    State of(String run, String runId);

    enum State {
        OPEN,
        CLOSED,
        /** Temporal has no such run; it was lost together with Temporal's database, or its history has expired. */
        UNKNOWN
    }
}
