package dev.lifeboat.workflows.contract.objectstore;

import dev.lifeboat.workflows.domain.Fence;
import io.temporal.activity.ActivityInterface;

/** The lease of a target, as numbered objects in the bucket that are never deleted and never overwritten. */
@ActivityInterface(namePrefix = "Lease")
public interface LeaseActivities {

    /**
     * Takes the lease, or returns it again to the run that holds it already.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure LEASE_HELD when another run that is still open holds it;
     *     a holder that Temporal calls closed or unknown is succeeded, and so is a backup by a recovery
     */
    Fence takeLease(LeaseRequest request);

    /** Ends the lease; a second call, or one by a run that was succeeded, changes nothing. */
    void releaseLease(Fence fence);

    /**
     * @param target   what to hold, for example {@code main}, {@code main.drill}
     * @param run      the workflow id, to name the holder to people
     * @param runId    the Temporal run
     * @param namespace of Temporal in which it runs
     * @param recovery takes precedence over a backup
     * @param takeOver a person said that the holder is dead
     */
    record LeaseRequest(
            String target, String run, String runId, String namespace, boolean recovery, boolean takeOver) {}
}
