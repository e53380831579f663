package dev.lifeboat.activities.store;

import dev.lifeboat.workflows.domain.Fence;

/** Compares a run's fencing number with the newest lease in the bucket; called before every change. */
public interface Leases {

    /**
     * Returns when the fence is still the newest lease of its target and has not ended.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure FENCED_OUT with both numbers otherwise
     */
    void check(Fence fence);
}
