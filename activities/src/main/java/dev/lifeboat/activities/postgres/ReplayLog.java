package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the copy's server said about its recovery (xlogrecovery.c, in the C locale). The last word counts, so the logs of
 * several starts may be read one after the other.
 *
 * @param consistentAt  the backup is whole from here on; null when that was not reached
 * @param lastCompleted the last transaction that ended, with a commit or an abort
 * @param complaints    FATAL and PANIC lines of the last start, each with its detail and hint
 */
record ReplayLog(
        @Nullable Stop stop,
        @Nullable Lsn consistentAt,
        @Nullable Lsn redoDone,
        @Nullable Instant lastCompleted,
        int newTimeline,
        boolean complete,
        List<String> complaints) {

    private static final Pattern LINE = Pattern.compile(
            "^\\S+ \\S+ \\S+ \\[\\d+\\] (LOG|FATAL|PANIC|ERROR|WARNING|DETAIL|HINT|CONTEXT|STATEMENT):\\s+(.*)$");
    private static final Pattern AT_TRANSACTION = Pattern.compile(
            "recovery stopping (before|after) (commit|abort) of (?:prepared )?transaction (\\d+)(?:, time (.+))?");
    private static final Pattern AT_LSN =
            Pattern.compile("recovery stopping (before|after) WAL location \\(LSN\\) \"([0-9A-F]+/[0-9A-F]+)\"");
    private static final Pattern AT_POINT =
            Pattern.compile("recovery stopping at restore point \"(.*)\"(?:, time (.+))?");
    private static final String AT_CONSISTENCY = "recovery stopping after reaching consistency";
    private static final Pattern CONSISTENT =
            Pattern.compile("consistent recovery state reached at ([0-9A-F]+/[0-9A-F]+)");
    private static final Pattern REDO_DONE = Pattern.compile("redo done at ([0-9A-F]+/[0-9A-F]+).*");
    private static final Pattern LAST_COMPLETED = Pattern.compile("last completed transaction was at log time (.+)");
    private static final Pattern NEW_TIMELINE = Pattern.compile("selected new timeline ID: (\\d+)");
    private static final Pattern STARTING = Pattern.compile("starting PostgreSQL .*");
    private static final Pattern RECOVERING =
            Pattern.compile("starting (archive recovery|point-in-time recovery to .*)");
    private static final Pattern TIMESTAMP = Pattern.compile(
            "(\\d{4}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?)(?:([+-]\\d\\d)(?::(\\d\\d))?(?::\\d\\d)?)?.*");

    /**
     * Where and why recovery ended.
     *
     * @param before true when what is named here is not in
     * @param what   {@code commit}, {@code abort}, {@code lsn}, {@code restore point} or {@code consistency}
     * @param value  the transaction, LSN or name
     * @param time   of that transaction or restore point; null when it has none
     * @param words  the server's own
     */
    record Stop(boolean before, String what, String value, @Nullable Instant time, String words) {}

    static ReplayLog parse(List<String> lines) {
        Reader reader = new Reader();
        lines.forEach(reader::line);
        return reader.log();
    }

    /** True when the words of this complaint were among the last. */
    boolean complainsOf(String words) {
        return complaints.stream().anyMatch(line -> line.contains(words));
    }

    Optional<String> lastComplaint() {
        return complaints.isEmpty() ? Optional.empty() : Optional.of(complaints.get(complaints.size() - 1));
    }

    /** PostgreSQL's text of a timestamp with time zone, {@code 2026-08-22 09:14:59.871+02}. */
    static @Nullable Instant time(@Nullable String text) {
        Matcher matcher = TIMESTAMP.matcher(text == null ? "" : text);
        if (!matcher.matches()) {
            return null;
        }
        int hours = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
        int minutes = matcher.group(4) == null ? 0 : Integer.parseInt(matcher.group(4));
        boolean west = matcher.group(3) != null && matcher.group(3).startsWith("-");
        ZoneOffset offset = ZoneOffset.ofHoursMinutes(hours, west ? -minutes : minutes);
        return OffsetDateTime.of(LocalDateTime.parse(matcher.group(1) + "T" + matcher.group(2)), offset)
                .toInstant();
    }

    private static final class Reader {
        private final List<String> complaints = new ArrayList<>();
        private @Nullable Stop stop;
        private @Nullable Lsn consistentAt;
        private @Nullable Lsn redoDone;
        private @Nullable Instant lastCompleted;
        private int newTimeline;
        private boolean complete;
        private boolean complaining;

        ReplayLog log() {
            return new ReplayLog(
                    stop, consistentAt, redoDone, lastCompleted, newTimeline, complete, List.copyOf(complaints));
        }

        void line(String line) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                return;
            }
            String level = matcher.group(1);
            String text = matcher.group(2).strip();
            switch (level) {
                case "LOG" -> {
                    complaining = false;
                    event(text);
                }
                case "FATAL", "PANIC" -> {
                    complaining = true;
                    complaints.add(level + ": " + text);
                }
                case "DETAIL", "HINT", "CONTEXT" -> {
                    if (complaining) {
                        complaints.set(complaints.size() - 1, complaints.get(complaints.size() - 1) + "; " + text);
                    }
                }
                default -> complaining = false;
            }
        }

        private void event(String text) {
            Matcher matcher = CONSISTENT.matcher(text);
            if (matcher.matches()) {
                consistentAt = Lsn.parse(matcher.group(1));
            } else if ((matcher = REDO_DONE.matcher(text)).matches()) {
                redoDone = Lsn.parse(matcher.group(1));
            } else if ((matcher = LAST_COMPLETED.matcher(text)).matches()) {
                lastCompleted = time(matcher.group(1));
            } else if ((matcher = NEW_TIMELINE.matcher(text)).matches()) {
                newTimeline = Integer.parseInt(matcher.group(1));
            } else if (text.equals("archive recovery complete")) {
                complete = true;
            } else if (STARTING.matcher(text).matches()) {
                complaints.clear();
            } else if (RECOVERING.matcher(text).matches()) {
                // An end that an earlier start came to did not last.
                complete = false;
                newTimeline = 0;
                stop = null;
            } else {
                stopping(text);
            }
        }

        private void stopping(String text) {
            Matcher matcher = AT_TRANSACTION.matcher(text);
            if (matcher.matches()) {
                stop = new Stop(
                        matcher.group(1).equals("before"),
                        matcher.group(2),
                        matcher.group(3),
                        time(matcher.group(4)),
                        text);
            } else if ((matcher = AT_LSN.matcher(text)).matches()) {
                stop = new Stop(matcher.group(1).equals("before"), "lsn", matcher.group(2), null, text);
            } else if ((matcher = AT_POINT.matcher(text)).matches()) {
                stop = new Stop(false, "restore point", matcher.group(1), time(matcher.group(2)), text);
            } else if (text.equals(AT_CONSISTENCY)) {
                stop = new Stop(false, "consistency", "", null, text);
            }
        }
    }
}
