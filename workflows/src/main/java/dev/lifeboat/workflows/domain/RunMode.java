package dev.lifeboat.workflows.domain;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Rehearsal on a copy, or the real thing. */
public enum RunMode {
    DRILL,
    RECOVERY,
    /** Runs that protect rather than recover, such as a base backup. */
    BACKUP;

    @JsonCreator
    public static RunMode parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
