package dev.lifeboat.workflows.contract.evidence;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that is still there after the run.
 *
 * @param keptUntil when {@code lifeboat cleanup} may remove it; null when it was not meant to stay
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LeftBehind(String what, String where, @Nullable Instant keptUntil) {}
