package dev.lifeboat.workflows.contract.evidence;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The last four and {@link #DONE} are final; a report holds only those. */
public enum StepState {
    PENDING,
    RUNNING,
    WAITING,
    DONE,
    FAILED,
    SKIPPED,
    UNDONE,
    NOT_RUN;

    @JsonCreator
    public static StepState parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
