package dev.lifeboat.workflows.contract.evidence;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a run's step table.
 *
 * @param attempts how often a machine or a person started it; 0 for a step that never began
 * @param duration machine time; null until it ended
 * @param detail   what it did, for a tired reader; empty until there is something to say
 * @param logs     what its attempts wrote, by name within the evidence folder; known when the report is written
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StepRecord(
        String id,
        StepState state,
        int attempts,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Duration duration,
        String detail,
        @JsonSetter(nulls = Nulls.AS_EMPTY) @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> logs) {

    /** A step whose logs nobody has looked for yet. */
    public StepRecord(
            String id,
            StepState state,
            int attempts,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable Duration duration,
            String detail) {
        this(id, state, attempts, startedAt, endedAt, duration, detail, List.of());
    }

    public StepRecord withLogs(List<String> found) {
        return new StepRecord(id, state, attempts, startedAt, endedAt, duration, detail, List.copyOf(found));
    }
}
