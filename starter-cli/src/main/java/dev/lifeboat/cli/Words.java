package dev.lifeboat.cli;

import dev.lifeboat.workflows.domain.Objectives;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** How numbers are told to people. */
final class Words {

    private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ssxxx", Locale.ROOT);
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Words() {}

    /** {@code 350ms}, {@code 12.9s}, {@code 16m7s}, {@code 1h}, {@code 30d}. */
    static String of(Duration duration) {
        Duration d = duration.abs();
        if (d.compareTo(Duration.ofSeconds(1)) < 0) {
            return d.isZero() ? "0s" : d.toMillis() + "ms";
        }
        if (d.compareTo(Duration.ofSeconds(60)) < 0) {
            long tenths = d.toMillis() / 100;
            return tenths % 10 == 0 ? tenths / 10 + "s" : tenths / 10 + "." + tenths % 10 + "s";
        }
        if (d.compareTo(Duration.ofHours(1)) < 0) {
            return twoParts(d.toMinutes(), "m", d.toSecondsPart(), "s");
        }
        if (d.compareTo(Duration.ofDays(2)) < 0) {
            return twoParts(d.toHours(), "h", d.toMinutesPart(), "m");
        }
        return twoParts(d.toDays(), "d", d.toHoursPart(), "h");
    }

    private static String twoParts(long big, String bigUnit, int small, String smallUnit) {
        return small == 0 ? big + bigUnit : big + bigUnit + small + smallUnit;
    }

    /** {@code 2.2 GiB}. */
    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 || value >= 100
                ? String.format(Locale.ROOT, "%.0f %s", value, UNITS[unit])
                : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    /** {@code 2026-08-22T09:15:00Z}, to the second. */
    static String utc(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static String local(Instant time, ZoneId zone) {
        return LOCAL.format(time.atZone(zone)) + " " + zone.getId();
    }

    /** {@code 16m7s ago}, {@code in 5m}. */
    static String away(Instant time, Instant now) {
        return time.isAfter(now) ? "in " + of(Duration.between(now, time)) : of(Duration.between(time, now)) + " ago";
    }

    static String promise(Objectives objectives) {
        return "RTO " + of(objectives.rto()) + ", RPO " + of(objectives.rpo());
    }

    static String plural(long count, String thing) {
        return count + " " + (count == 1 ? thing : thing + "s");
    }
}
