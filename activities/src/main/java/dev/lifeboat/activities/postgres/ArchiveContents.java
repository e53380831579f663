package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code pg_restore --list} says that an archive has in it. */
final class ArchiveContents {

    private static final Pattern ENTRY = Pattern.compile("\\d+; \\d+ \\d+ (.+)");
    private static final String NOT_DUMPED = "plpgsql";

    private final NavigableSet<String> entries = new TreeSet<>();

    private ArchiveContents() {}

    static ArchiveContents of(String list) {
        ArchiveContents contents = new ArchiveContents();
        list.lines()
                .map(ENTRY::matcher)
                .filter(Matcher::matches)
                .forEach(entry -> contents.entries.add(entry.group(1)));
        return contents;
    }

    /** In which the names in an archive of this encoding are written; UTF-8 where there is no conversion. */
    static Charset charset(String encoding) {
        String name = encoding.startsWith("WIN") ? "windows-" + encoding.substring(3) : encoding.replace('_', '-');
        return encoding.equals("SQL_ASCII") || !isKnown(name) ? StandardCharsets.UTF_8 : Charset.forName(name);
    }

    private static boolean isKnown(String name) {
        try {
            return Charset.isSupported(name);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    int size() {
        return entries.size();
    }

    /** What a dump of such a database must have in it, and this one lacks; for people. */
    List<String> missing(DatabaseFacts facts) {
        List<String> missing = new ArrayList<>();
        facts.tables().forEach(table -> require("TABLE DATA", table.schema(), table.name(), missing));
        facts.sequences().forEach(sequence -> require("SEQUENCE SET", sequence.schema(), sequence.name(), missing));
        facts.extensions().stream()
                .filter(extension -> !extension.name().equals(NOT_DUMPED))
                .forEach(extension -> require("EXTENSION", "-", extension.name(), missing));
        if (facts.largeObjects() > 0 && !has("BLOB")) {
            missing.add("large objects");
        }
        return List.copyOf(missing);
    }

    private void require(String kind, String schema, String name, List<String> missing) {
        String entry = "%s %s %s ".formatted(kind, oneLine(schema), oneLine(name));
        if (!has(entry)) {
            missing.add(entry.strip());
        }
    }

    private boolean has(String beginning) {
        String first = entries.ceiling(beginning);
        return first != null && first.startsWith(beginning);
    }

    /** As {@code pg_restore} keeps its list at one line for each entry. */
    private static String oneLine(String name) {
        return name.replace('\n', ' ').replace('\r', ' ');
    }
}
