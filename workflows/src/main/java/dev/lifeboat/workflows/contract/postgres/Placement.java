package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where the recovered data goes. */
public enum Placement {
    /** Takes the live cluster's place. */
    IN_PLACE,
    /** Stays running beside it, in a directory and on a port that were named. */
    INTO,
    /** A temporary folder with a private socket, proved, measured and removed. */
    DRILL;

    @JsonCreator
    public static Placement parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
