package dev.lifeboat.activities.store;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** Hides what must not be read by many: secrets that are known, what looks like one, and values of settings. */
final class Masks {

    static final String MASK = "***";

    /** A shorter one would be found everywhere, and hiding it would tell it. */
    private static final int SHORTEST = 4;

    private static final Pattern NAMED = Pattern.compile(
            "(?i)((?:password|passwd|pwd|secret|token|api[_-]?key|(?:secret|access)[_-]?key)\"?\\s*[=:]\\s*)"
                    + "('[^']*'|\"[^\"]*\"|[^\\s'\",;&)]+)");
    private static final Pattern SQL = Pattern.compile("(?i)(password\\s+)'[^']*'");
    private static final Pattern ADDRESS = Pattern.compile("(://[^/\\s:@]*):[^/\\s@]+@");

    private final List<String> secrets;

    Masks(Collection<String> secrets) {
        this.secrets = secrets.stream()
                .map(String::strip)
                .filter(secret -> secret.length() >= SHORTEST)
                .distinct()
                // One may be part of another.
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    String hide(String text) {
        String hidden = text;
        for (String secret : secrets) {
            hidden = hidden.replace(secret, MASK);
        }
        hidden = SettingValues.hide(hidden);
        hidden = NAMED.matcher(hidden).replaceAll("$1***");
        hidden = SQL.matcher(hidden).replaceAll("$1***");
        return ADDRESS.matcher(hidden).replaceAll("$1:***@");
    }
}
