package dev.lifeboat.activities.store;

import org.jspecify.annotations.Nullable;

/** What Temporal knows about a run that once took a lease. */
@FunctionalInterface
public interface RunLiveness {

    /**
     * @param run   the workflow id
     * @param runId the Temporal run
     * @param namespace in which it was started; null when nobody noted it, which means this worker's own
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure when Temporal cannot be asked: then nobody knows
     */
    State of(String run, String runId, @Nullable String namespace);

    enum State {
        OPEN,
        CLOSED,
        /** Temporal has no such run; it was lost together with Temporal's database, or its history has expired. */
        UNKNOWN,
        /** It was started in another namespace, of which this Temporal says nothing: it may well be going on there. */
        ELSEWHERE
    }
}
