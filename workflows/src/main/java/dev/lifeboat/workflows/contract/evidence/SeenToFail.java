package dev.lifeboat.workflows.contract.evidence;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a check last failed because something had been damaged on purpose: only then is it known that it can.
 *
 * @param at     null when it never was seen to fail
 * @param damage what had been done to what it looks at; empty when nothing ever was
 * @param run    the run that did it, with its run id; empty when none did
 */
public record SeenToFail(@JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Instant at, String damage, String run) {

    public static final SeenToFail NEVER = new SeenToFail(null, "", "");
}
