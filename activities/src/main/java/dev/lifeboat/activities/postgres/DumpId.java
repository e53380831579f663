package dev.lifeboat.activities.postgres;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of dumps, {@code dev_platform_2026-02-15_020000}: the database, and when it was begun in UTC. */
final class DumpId {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd_HHmmss", Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT)
            .withZone(ZoneOffset.UTC);
    private static final Pattern SHAPE = Pattern.compile("(.+)_(\\d{4}-\\d{2}-\\d{2}_\\d{6})");
    private static final Pattern DATA = Pattern.compile("(.+)\\.(?:dump|globals\\.sql)\\.zst(?:\\.enc)?");

    private DumpId() {}

    static String of(String database, Instant begun) {
        return prefix(database) + TIME.format(begun);
    }

    /** What the names of all dumps of this database begin with; those of others may, too. */
    static String prefix(String database) {
        return safe(database) + "_";
    }

    static boolean isOf(String id, String database) {
        Matcher shape = SHAPE.matcher(id);
        return shape.matches()
                && shape.group(1).equals(safe(database))
                && begunAt(id).isPresent();
    }

    /** Empty for what is no name of a dump. */
    static Optional<Instant> begunAt(String id) {
        Matcher shape = SHAPE.matcher(id);
        if (!shape.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDateTime.parse(shape.group(2), TIME).toInstant(ZoneOffset.UTC));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** The database, as its name stands in that of the dump; empty for what is no name of a dump. */
    static Optional<String> database(String id) {
        Matcher shape = SHAPE.matcher(id);
        return shape.matches() && begunAt(id).isPresent() ? Optional.of(shape.group(1)) : Optional.empty();
    }

    /** The dump that an object of data belongs to, by its name within the folder; empty for any other object. */
    static Optional<String> ofData(String name) {
        Matcher data = DATA.matcher(name);
        return data.matches() && begunAt(data.group(1)).isPresent() ? Optional.of(data.group(1)) : Optional.empty();
    }

    /** A database may be called anything; a key of the bucket, and the file that it is downloaded to, may not. */
    static String safe(String database) {
        StringBuilder safe = new StringBuilder();
        for (byte each : database.getBytes(StandardCharsets.UTF_8)) {
            char letter = (char) (each & 0xFF);
            if (letter < 0x80 && (Character.isLetterOrDigit(letter) || "_.-".indexOf(letter) >= 0)) {
                safe.append(letter);
            } else {
                safe.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
            }
        }
        return safe.toString();
    }
}
