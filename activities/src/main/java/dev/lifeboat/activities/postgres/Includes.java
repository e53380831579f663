package dev.lifeboat.activities.postgres;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The include lines of a {@code postgresql.conf} in a data directory. A relative one that leaves the directory, as
 * {@code include_dir '../conf.d'}, leads elsewhere from a copy in another place.
 */
final class Includes {

    private static final Pattern LINE = Pattern.compile(
            "(?im)^[ \\t]*(include|include_dir|include_if_exists)[ \\t]*=?[ \\t]*'((?:[^'\\n]|'')+)'[^\\n]*$");

    private Includes() {}

    /**
     * The same text for a copy: what leaves the directory leads to where it led from the original's place, and what is
     * nowhere any more is left out, since a server would not start over it.
     *
     * @param copy     the directory that holds the file now
     * @param original the one that it was written for
     * @param moved    the text will lie outside of the copy, so that every path must be absolute
     */
    static String anchored(String text, Path copy, Path original, boolean moved) {
        Matcher matcher = LINE.matcher(text);
        StringBuilder anchored = new StringBuilder();
        while (matcher.find()) {
            String line = line(matcher, copy, original, moved);
            matcher.appendReplacement(anchored, Matcher.quoteReplacement(line));
        }
        return matcher.appendTail(anchored).toString();
    }

    private static String line(Matcher line, Path copy, Path original, boolean moved) {
        String keyword = line.group(1).toLowerCase(Locale.ROOT);
        Path named = Path.of(line.group(2).replace("''", "'"));
        Path here = copy.resolve(named).normalize();
        boolean inside = !named.isAbsolute() && here.startsWith(copy);
        Path target =
                inside || named.isAbsolute() ? here : original.resolve(named).normalize();
        if (!keyword.equals("include_if_exists") && !Files.exists(target)) {
            return "# not there: " + line.group().strip();
        }
        boolean stays = named.isAbsolute() || inside && !moved;
        return stays ? line.group() : keyword + " " + ConfText.conf(target.toString());
    }
}
