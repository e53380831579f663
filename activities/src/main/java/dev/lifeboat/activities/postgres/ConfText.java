package dev.lifeboat.activities.postgres;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Quotes values for the places that a setting passes on its way, and reads them back. */
final class ConfText {

    private ConfText() {}

    /** For a POSIX shell. */
    static String shell(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }

    /** For a command setting such as {@code restore_command}, where a per cent sign begins a placeholder. */
    static String command(String value) {
        return shell(value).replace("%", "%%");
    }

    /** For the right side of a line of {@code postgresql.conf}. */
    static String conf(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    /** The value that counts of a setting in one file, which is the last; empty when it is not set there. */
    static String lastValue(String conf, String name) {
        Pattern line =
                Pattern.compile("(?im)^\\s*" + Pattern.quote(name) + "\\s*=?\\s*(?:'((?:[^']|'')*)'|([^\\s#']+))");
        Matcher matcher = line.matcher(conf);
        String value = "";
        while (matcher.find()) {
            String quoted = matcher.group(1);
            value = quoted == null ? matcher.group(2) : quoted.replace("''", "'");
        }
        return value;
    }
}
