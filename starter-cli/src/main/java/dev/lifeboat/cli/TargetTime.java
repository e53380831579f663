package dev.lifeboat.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Reads a time as a person or PostgreSQL writes it, and never guesses its offset. */
final class TargetTime {

    private static final DateTimeFormatter LOCAL = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral('T')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private static final DateTimeFormatter WITH_OFFSET = new DateTimeFormatterBuilder()
            .append(LOCAL)
            .appendPattern("[XXX][XX][X]")
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private TargetTime() {}

    /**
     * @param zone in which the person would have read a time without an offset
     * @throws CliFailure when it has no offset, with both readings, or is no time
     */
    static Instant parse(String typed, ZoneId zone) {
        String text = typed.strip()
                .toUpperCase(Locale.ROOT)
                .replaceFirst("(?<=\\d) +(?=\\d)", "T")
                .replace(" ", "");
        try {
            return WITH_OFFSET.parse(text, OffsetDateTime::from).toInstant();
        } catch (DateTimeException e) {
            throw withoutOffset(typed, text, zone);
        }
    }

    /** PostgreSQL counts in microseconds: what lies between two of them is before or after the same commits. */
    static Instant toMicroseconds(Instant time, boolean exclusive) {
        Instant floor = time.truncatedTo(ChronoUnit.MICROS);
        return exclusive && floor.isBefore(time) ? floor.plus(1, ChronoUnit.MICROS) : floor;
    }

    private static CliFailure withoutOffset(String typed, String text, ZoneId zone) {
        LocalDateTime local;
        try {
            local = LOCAL.parse(text, LocalDateTime::from);
        } catch (DateTimeException e) {
            return CliFailure.usage(
                    "'" + typed + "' is not a time such as 2026-08-22T09:15:00Z",
                    "give date, time and offset, or one of --target latest, --target immediate, --target-lsn,"
                            + " --target-xid, --target-name");
        }
        Instant utc = local.toInstant(ZoneOffset.UTC);
        Instant here = local.atZone(zone).toInstant();
        return CliFailure.usage(
                "'" + typed + "' has no offset: read as UTC it is " + utc + ", read as local time (" + zone.getId()
                        + ") it is " + here,
                "say which: --target " + utc + (utc.equals(here) ? "" : " or --target " + here));
    }
}
