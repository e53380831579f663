package dev.lifeboat.activities.store;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** Compares a run's fencing number with the newest lease in the bucket; called before every change. */
@FunctionalInterface
public interface Leases {

    /**
     * Returns when the fence is still the newest lease of its target and has not ended.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure FENCED_OUT with both numbers otherwise
     */
    void check(Fence fence);

    /**
     * Every one of these leases that somebody holds. One whose run Temporal calls closed or unknown is held by nobody.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure when it cannot be found out; then anybody may hold anything
     */
    default List<Held> held(Predicate<Held> which) {
        throw new RecoveryFailure(
                FailureCode.UNEXPECTED_STATE,
                "cannot tell who holds a lease: this worker only compares them",
                "let a worker of Lifeboat do it");
    }

    /**
     * The same, where one that cannot be understood need not matter to who asks.
     *
     * @param unreadable is told the target of each such lease and why; what it throws is thrown
     */
    default List<Held> held(Predicate<Held> which, BiConsumer<String, RecoveryFailure> unreadable) {
        return held(which);
    }

    /** Whether a lease is that of this cluster, or of something that is part of it. */
    static boolean isOf(String target, String cluster) {
        return target.equals(cluster) || target.startsWith(cluster + ".") || target.startsWith(cluster + "/");
    }

    /**
     * @param run   the workflow id of the holder
     * @param runId its Temporal run
     */
    record Held(String target, long number, String run, String runId, Instant takenAt) {

        /** Whether it is that of this cluster, or of something that is part of it. */
        public boolean isOf(String cluster) {
            return Leases.isOf(target, cluster);
        }
    }
}
