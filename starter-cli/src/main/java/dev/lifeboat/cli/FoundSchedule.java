package dev.lifeboat.cli;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as Temporal has it.
 *
 * @param platform whose it is; null when Lifeboat did not make it
 * @param note     why it is paused, or what else was noted last
 * @param next     the next times, soonest first
 * @param starts   the last ones, oldest first
 * @param token    refuses a change when somebody else changed it since
 */
record FoundSchedule(
        String id,
        @Nullable String platform,
        ScheduleForm form,
        boolean paused,
        String note,
        List<Instant> next,
        List<Start> starts,
        Instant since,
        ByteString token) {

    /** What the configuration's own notes begin with. */
    static final String CONFIGURED = "lifeboat.yaml: ";

    /**
     * @param at      when it really happened
     * @param run     the workflow that starts the run
     */
    record Start(Instant at, RunRef run) {}

    boolean isOf(String owner) {
        return owner.equals(platform);
    }

    boolean isPausedByHand() {
        return paused && !note.startsWith(CONFIGURED);
    }

    /** {@code paused: NOTE}. */
    String pauseWords() {
        return "paused" + (note.isBlank() ? "" : ": " + note);
    }
}
