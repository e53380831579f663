package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a restore of a dump has done, in Lifeboat's folder: databases change their names, their numbers do not. Overwritten by
 * the next restore of the same database.
 *
 * @param runId       whose it is
 * @param restored    the number of the database that it made; null before that is known
 * @param loaded      whether everything is in it
 * @param live        the number of the database that is replaced; null before the swap, and where there is none
 * @param liveAllowed whether that one let connections in
 * @param keptUntil   when the replaced one may go; null before the swap
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
record RestoreNote(
        int format,
        String runId,
        @Nullable Long restored,
        boolean loaded,
        @Nullable Long live,
        boolean liveAllowed,
        @Nullable Instant keptUntil) {

    static RestoreNote begin(String runId) {
        return new RestoreNote(1, runId, null, false, null, true, null);
    }

    RestoreNote made(long oid) {
        return new RestoreNote(format, runId, oid, false, live, liveAllowed, keptUntil);
    }

    RestoreNote whole() {
        return new RestoreNote(format, runId, restored, true, live, liveAllowed, keptUntil);
    }

    RestoreNote replacing(long oid, boolean allowed, Instant until) {
        return new RestoreNote(format, runId, restored, loaded, oid, allowed, until);
    }
}
