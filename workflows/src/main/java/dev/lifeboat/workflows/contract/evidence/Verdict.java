package dev.lifeboat.workflows.contract.evidence;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Never {@link #PASS} for something that nobody looked at. */
public enum Verdict {
    PASS,
    FAIL,
    NOT_MEASURED;

    @JsonCreator
    public static Verdict parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
