package dev.lifeboat.workflows.contract.evidence;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line of a run's step table.
 *
 * @param attempts how often a machine or a person started it; 0 for a step that never began
 * @param duration machine time; null until it ended
 * @param detail   what it did, for a tired reader; empty until there is something to say
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StepRecord(
        String id,
        StepState state,
        int attempts,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Duration duration,
        String detail) {}
