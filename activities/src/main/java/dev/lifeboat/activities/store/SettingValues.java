package dev.lifeboat.activities.store;

import java.util.regex.Pattern;

/**
 * Hides what databases and roles are set to, in whatever repeats SQL: applications keep keys and addresses there. Names stay,
 * so that everybody sees what was set.
 */
public final class SettingValues {

    private static final String NAME = "(?:\"(?:[^\"]|\"\")++\"|[\\w$]++)";
    private static final String LITERAL = "(?:E'[^'\\\\]*+(?:(?:''|\\\\.)[^'\\\\]*+)*+(?:'|\\z)"
            + "|'[^']*+(?:''[^']*+)*+(?:'|\\z)|\"(?:[^\"]|\"\")*+(?:\"|\\z)|[^\\s;,'\"]++)";

    private static final Pattern SET = Pattern.compile(
            "(?is)(\\balter\\s+(?:database|role|user|system)\\b(?:[^;'=\"]|\"[^\"]*+\")*?\\bset\\s+" + NAME + "(?:\\."
                    + NAME + ")*+\\s*+(?:\\bto\\b|=)\\s*+)" + LITERAL + "(?:\\s*+,\\s*+" + LITERAL + ")*+");

    /** As the server says it. */
    private static final Pattern REFUSED =
            Pattern.compile("(?is)(invalid value for parameter \"[^\"]*+\": )\"[^\"]*+\"");

    private SettingValues() {}

    public static String hide(String text) {
        String hidden = SET.matcher(text).replaceAll("$1" + Masks.MASK);
        return REFUSED.matcher(hidden).replaceAll("$1" + Masks.MASK);
    }
}
