package dev.lifeboat.config;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * When something starts, in UTC: the five fields of cron, each as the values it stands for. So two ways of writing the same
 * are equal, and what a server has stored can be compared with what a file says.
 */
public record Cron(Map<Field, NavigableSet<Integer>> fields) {

    /** What {@link #toString} prints must be read again: 240 characters for minutes, hours, days and months two by two. */
    private static final int LONGEST = 400;

    private static final int MANY = 400;

    /** The farthest that two starts can be apart: from one 29th of February over the year 2100 to the next. */
    private static final int DAYS_TO_LOOK = 366 * 8 + 2;

    /** In the order in which they are written. */
    public enum Field {
        MINUTE("minute", 0, 59, List.of()),
        HOUR("hour", 0, 23, List.of()),
        DAY_OF_MONTH("day of the month", 1, 31, List.of()),
        MONTH(
                "month",
                1,
                12,
                List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
        DAY_OF_WEEK("day of the week", 0, 6, List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat"));

        private final String words;
        private final int least;
        private final int most;
        private final List<String> names;

        Field(String words, int least, int most, List<String> names) {
            this.words = words;
            this.least = least;
            this.most = most;
            this.names = names;
        }

        private NavigableSet<Integer> all() {
            NavigableSet<Integer> all = new TreeSet<>();
            for (int value = least; value <= most; value++) {
                all.add(value);
            }
            return all;
        }
    }

    /** Values of one field at even distances. */
    public record Steps(int first, int last, int step) {}

    public Cron {
        Map<Field, NavigableSet<Integer>> sorted = new EnumMap<>(Field.class);
        fields.forEach(
                (field, values) -> sorted.put(field, Collections.unmodifiableNavigableSet(new TreeSet<>(values))));
        fields = Collections.unmodifiableMap(sorted);
    }

    /** @throws IllegalArgumentException with a sentence that goes on after the name of what was read */
    public static Cron parse(String text) {
        String[] words = text.strip().split("\\s+");
        if (text.length() > LONGEST || words.length != Field.values().length) {
            throw new IllegalArgumentException(
                    "must have five fields (minute, hour, day of the month, month, day of the week), such as 30 1 * * *");
        }
        Map<Field, NavigableSet<Integer>> fields = new EnumMap<>(Field.class);
        for (Field field : Field.values()) {
            fields.put(field, values(field, words[field.ordinal()].toLowerCase(Locale.ROOT)));
        }
        Cron cron = new Cron(fields);
        if (!cron.isEvery(Field.DAY_OF_MONTH) && !cron.isEvery(Field.DAY_OF_WEEK)) {
            throw new IllegalArgumentException(
                    "names both days of the month and days of the week: cron starts on either of them, Temporal only where"
                            + " both are right; let one of the two be *");
        }
        if (cron.next(Instant.EPOCH).isEmpty()) {
            throw new IllegalArgumentException("names a date that no year has");
        }
        return cron;
    }

    private static NavigableSet<Integer> values(Field field, String word) {
        NavigableSet<Integer> values = new TreeSet<>();
        for (String part : word.split(",", -1)) {
            String[] range = part.split("/", -1);
            if (range.length > 2 || range.length == 2 && !range[1].matches("[1-9][0-9]?")) {
                throw wrong(field, part);
            }
            int step = range.length == 2 ? Integer.parseInt(range[1]) : 1;
            Steps ends = ends(field, part, range[0], range.length == 2);
            for (int value = ends.first(); value <= ends.last(); value += step) {
                // Sunday is 0 and 7.
                values.add(field == Field.DAY_OF_WEEK ? value % 7 : value);
            }
        }
        return values;
    }

    private static Steps ends(Field field, String part, String range, boolean stepped) {
        if (range.equals("*")) {
            return new Steps(field.least, field.most, 1);
        }
        String[] ends = range.split("-", -1);
        int first = number(field, ends[0], part);
        int last = ends.length == 2 ? number(field, ends[1], part) : stepped ? field.most : first;
        int most = field == Field.DAY_OF_WEEK ? 7 : field.most;
        if (ends.length > 2 || first < field.least || last > most || last < first) {
            throw wrong(field, part);
        }
        return new Steps(first, last, 1);
    }

    private static int number(Field field, String word, String part) {
        if (field.names.contains(word)) {
            return field.names.indexOf(word) + field.least;
        }
        if (!word.matches("[0-9]{1,2}")) {
            throw wrong(field, part);
        }
        return Integer.parseInt(word);
    }

    private static IllegalArgumentException wrong(Field field, String part) {
        String shown = part.matches("[a-z0-9*/-]{1,20}") ? " '" + part + "'" : "";
        return new IllegalArgumentException(
                "has a wrong %s%s: it must lie between %d and %d, such as *, 2, 1-5, */15 or 1,3"
                        .formatted(field.words, shown, field.least, field == Field.DAY_OF_WEEK ? 7 : field.most));
    }

    public NavigableSet<Integer> values(Field field) {
        return fields.getOrDefault(field, Collections.emptyNavigableSet());
    }

    private boolean isEvery(Field field) {
        return values(field).equals(field.all());
    }

    /** The first start after this moment; empty where there is none. */
    public Optional<Instant> next(Instant after) {
        LocalDate first = after.atOffset(ZoneOffset.UTC).toLocalDate();
        for (int days = 0; days < DAYS_TO_LOOK; days++) {
            LocalDate date = first.plusDays(days);
            if (!isOn(date)) {
                continue;
            }
            for (int hour : values(Field.HOUR)) {
                for (int minute : values(Field.MINUTE)) {
                    Instant start = date.atTime(LocalTime.of(hour, minute)).toInstant(ZoneOffset.UTC);
                    if (start.isAfter(after)) {
                        return Optional.of(start);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The last start at or before this moment; empty where there is none. */
    public Optional<Instant> previous(Instant until) {
        LocalDate last = until.atOffset(ZoneOffset.UTC).toLocalDate();
        for (int days = 0; days < DAYS_TO_LOOK; days++) {
            LocalDate date = last.minusDays(days);
            if (!isOn(date)) {
                continue;
            }
            for (int hour : values(Field.HOUR).descendingSet()) {
                for (int minute : values(Field.MINUTE).descendingSet()) {
                    Instant start = date.atTime(LocalTime.of(hour, minute)).toInstant(ZoneOffset.UTC);
                    if (!start.isAfter(until)) {
                        return Optional.of(start);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private boolean isOn(LocalDate date) {
        return values(Field.MONTH).contains(date.getMonthValue())
                && values(Field.DAY_OF_MONTH).contains(date.getDayOfMonth())
                && values(Field.DAY_OF_WEEK).contains(date.getDayOfWeek().getValue() % 7);
    }

    /** The shortest time between two of its starts, as far as some hundreds of them tell. */
    Duration shortestPause() {
        Duration shortest = Duration.ofDays(DAYS_TO_LOOK);
        Optional<Instant> at = next(Instant.EPOCH);
        for (int i = 0; i < MANY && at.isPresent(); i++) {
            Optional<Instant> next = next(at.get());
            if (next.isPresent()) {
                Duration pause = Duration.between(at.get(), next.get());
                shortest = pause.compareTo(shortest) < 0 ? pause : shortest;
            }
            at = next;
        }
        return shortest;
    }

    /** The values of a field in as few rows of even distances as are easily found. */
    public List<Steps> steps(Field field) {
        List<Integer> values = List.copyOf(values(field));
        if (values.size() > 2 && isEven(values)) {
            return List.of(new Steps(values.get(0), values.get(values.size() - 1), values.get(1) - values.get(0)));
        }
        List<Steps> steps = new ArrayList<>();
        for (int value : values) {
            Steps before = steps.isEmpty() ? null : steps.get(steps.size() - 1);
            if (before != null && before.last() == value - 1) {
                steps.set(steps.size() - 1, new Steps(before.first(), value, 1));
            } else {
                steps.add(new Steps(value, value, 1));
            }
        }
        return steps;
    }

    private static boolean isEven(List<Integer> values) {
        int step = values.get(1) - values.get(0);
        for (int i = 2; i < values.size(); i++) {
            if (values.get(i) - values.get(i - 1) != step) {
                return false;
            }
        }
        return true;
    }

    /** In one way, however it was written: {@code 30 1 * * 1-5}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(" ");
        for (Field field : Field.values()) {
            text.add(
                    isEvery(field)
                            ? "*"
                            : steps(field).stream()
                                    .map(steps -> word(field, steps))
                                    .collect(Collectors.joining(",")));
        }
        return text.toString();
    }

    private static String word(Field field, Steps steps) {
        if (steps.first() == steps.last()) {
            return String.valueOf(steps.first());
        }
        if (steps.step() == 1) {
            return steps.first() + "-" + steps.last();
        }
        boolean whole = steps.first() == field.least && steps.last() + steps.step() > field.most;
        return (whole ? "*" : steps.first() + "-" + steps.last()) + "/" + steps.step();
    }
}
