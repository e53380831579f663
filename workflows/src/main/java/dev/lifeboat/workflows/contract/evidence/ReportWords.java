package dev.lifeboat.workflows.contract.evidence;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Times and durations as people read them; the same in every rendering. */
public final class ReportWords {

    private static final DateTimeFormatter MILLIS = format("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");
    private static final DateTimeFormatter CLOCK = format("HH:mm:ss'Z'");

    private ReportWords() {}

    /** {@code 350ms}, {@code 41.2s}, {@code 16m7s}, {@code 2h5m}, {@code 3d4h}. */
    public static String duration(Duration duration) {
        if (duration.isNegative()) {
            return "-" + duration(duration.negated());
        }
        if (duration.compareTo(Duration.ofMinutes(1)) < 0) {
            return seconds(duration);
        }
        if (duration.compareTo(Duration.ofHours(1)) < 0) {
            return two(duration.toMinutes(), "m", duration.toSecondsPart(), "s");
        }
        if (duration.compareTo(Duration.ofDays(2)) < 0) {
            return two(duration.toHours(), "h", duration.toMinutesPart(), "m");
        }
        return two(duration.toDays(), "d", duration.toHoursPart(), "h");
    }

    /** {@code 2026-08-22T09:31:07Z}, as it can be typed after {@code --target}. */
    public static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** {@code 2026-08-22T09:31:07.120Z}; with more digits where leaving them out would name another moment. */
    public static String exactTime(Instant instant) {
        return instant.getNano() % 1_000_000 == 0 ? MILLIS.format(instant) : instant.toString();
    }

    /** {@code 09:31:07Z}, where the day is clear. */
    static String clock(Instant instant) {
        return CLOCK.format(instant);
    }

    /** {@code 1 check}, {@code 3 checks}. */
    public static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    private static String seconds(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1000) {
            return duration.isZero() ? "0s" : millis + "ms";
        }
        // Cut, not rounded: 59.96 s must not become 60.0 s.
        long tenths = millis / 100;
        return tenths % 10 == 0 ? tenths / 10 + "s" : tenths / 10 + "." + tenths % 10 + "s";
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return large + largeUnit + (small == 0 ? "" : small + smallUnit);
    }

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }
}
