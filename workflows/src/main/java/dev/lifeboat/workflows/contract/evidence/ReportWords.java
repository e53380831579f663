package dev.lifeboat.workflows.contract.evidence;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times and durations as people read them; the same in every rendering. */
public final class ReportWords {

    private static final DateTimeFormatter SECONDS = format("uuuu-MM-dd HH:mm:ss 'UTC'");
    private static final DateTimeFormatter MILLIS = format("uuuu-MM-dd HH:mm:ss.SSS 'UTC'");
    private static final DateTimeFormatter CLOCK = format("HH:mm:ss");

    private ReportWords() {}

    /** {@code 0.4 s}, {@code 41.2 s}, {@code 16 min 7 s}, {@code 2 h 5 min}, {@code 3 d 4 h}. */
    public static String duration(Duration duration) {
        if (duration.isNegative()) {
            return "-" + duration(duration.negated());
        }
        if (duration.compareTo(Duration.ofMinutes(1)) < 0) {
            return seconds(duration);
        }
        if (duration.compareTo(Duration.ofHours(1)) < 0) {
            return two(duration.toMinutes(), "min", duration.toSecondsPart(), "s");
        }
        if (duration.compareTo(Duration.ofDays(1)) < 0) {
            return two(duration.toHours(), "h", duration.toMinutesPart(), "min");
        }
        return two(duration.toDays(), "d", duration.toHoursPart(), "h");
    }

    /** {@code 2026-08-22 09:31:07 UTC}. */
    public static String time(Instant instant) {
        return SECONDS.format(instant);
    }

    /** {@code 2026-08-22 09:31:07.120 UTC}. */
    public static String exactTime(Instant instant) {
        return MILLIS.format(instant);
    }

    /** {@code 09:31:07}, where the day is clear. */
    static String clock(Instant instant) {
        return CLOCK.format(instant);
    }

    /** {@code 1 check}, {@code 3 checks}. */
    static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    private static String seconds(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0) {
            return duration.isZero() ? "0 s" : "less than 1 ms";
        }
        if (millis < 100) {
            return millis + " ms";
        }
        // Cut, not rounded: 59.96 s must not become 60.0 s.
        return millis % 1000 == 0
                ? millis / 1000 + " s"
                : String.format(Locale.ROOT, "%d.%d s", millis / 1000, millis % 1000 / 100);
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return large + " " + largeUnit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }
}
