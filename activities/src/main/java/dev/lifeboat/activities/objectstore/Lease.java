package dev.lifeboat.activities.objectstore;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One numbered lease object, as it lies in the bucket for ever.
 *
 * @param run      the workflow id of the holder
 * @param namespace of Temporal in which it runs; null on a lease that does not say so
 * @param recovery whether the holder is one that a backup gives way to
 * @param succeeds what was decided about the holder before; null when that one had ended by itself, or there was none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Lease(
        int format,
        String target,
        long number,
        String run,
        String runId,
        @Nullable String namespace,
        boolean recovery,
        Instant takenAt,
        @Nullable Succession succeeds) {

    static final int FORMAT = 1;

    /** @param why a sentence for the one who reads the bucket afterwards */
    record Succession(long number, String run, String runId, String why) {}

    /** The object that ends a lease. */
    record End(int format, long number, String runId, Instant endedAt) {}
}
