package dev.lifeboat.activities.store;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt of a step called and what it was told: the text of its log in the evidence folder. Code that works for
 * an activity speaks to the one of its thread, and to nobody where there is none. Secrets are hidden, the size is bounded.
 */
public final class Transcript {

    private static final ThreadLocal<@Nullable Transcript> CURRENT = new ThreadLocal<>();
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final int HEAD_BYTES = 64 * 1024;
    private static final int TAIL_BYTES = 192 * 1024;
    private static final int QUOTE_HEAD_BYTES = 16 * 1024;
    private static final int QUOTE_TAIL_BYTES = 48 * 1024;
    private static final int LONGEST_LINE = 8_000;

    private final BoundedText text = new BoundedText(HEAD_BYTES, TAIL_BYTES);
    private final Masks masks;
    private final Clock clock;
    private String last = "";
    private int repeated;
    private Instant repeatedAt = Instant.EPOCH;
    private long changes;

    Transcript(Masks masks, Clock clock) {
        this.masks = masks;
        this.clock = clock;
    }

    /** Says one thing that was done or seen. */
    public static void note(String what) {
        Transcript current = CURRENT.get();
        if (current != null) {
            current.say(what);
        }
    }

    /** Repeats what something else said, for example the output of a program. */
    public static void quote(String who, String said) {
        Transcript current = CURRENT.get();
        if (current != null) {
            current.repeat(who, said);
        }
    }

    /** To be asked before something large is read only to be quoted. */
    public static boolean isKept() {
        return CURRENT.get() != null;
    }

    void makeCurrent() {
        CURRENT.set(this);
    }

    static void clearCurrent() {
        CURRENT.remove();
    }

    public void say(String what) {
        add(what, "");
    }

    public void repeat(String who, String said) {
        add(who, said);
    }

    /** A line at the very beginning, without a time. */
    synchronized void head(String line) {
        text.add(clean(masks.hide(line)));
        changes++;
    }

    synchronized String text() {
        String again = repeated == 0 ? "" : repetition() + "\n";
        return text.text() + again;
    }

    /** Becomes another number with each addition. */
    synchronized long changes() {
        return changes;
    }

    /** What is said again and again, as by a loop that waits for something, is counted. */
    private synchronized void add(String what, String quoted) {
        Instant now = clock.instant();
        String key = what + "\n" + quoted;
        changes++;
        if (key.equals(last)) {
            repeated++;
            repeatedAt = now;
            return;
        }
        if (repeated > 0) {
            text.add(repetition());
            repeated = 0;
        }
        last = key;
        String[] lines = masks.hide(what.strip()).split("\\R");
        text.add(TIME.format(now) + "  " + clean(lines[0]));
        for (int i = 1; i < lines.length; i++) {
            text.add("    " + clean(lines[i]));
        }
        quoted(quoted);
    }

    private void quoted(String quoted) {
        if (quoted.isBlank()) {
            return;
        }
        BoundedText bounded = new BoundedText(QUOTE_HEAD_BYTES, QUOTE_TAIL_BYTES);
        masks.hide(quoted.stripTrailing()).lines().forEach(line -> bounded.add("    | " + clean(line)));
        bounded.text().lines().forEach(text::add);
    }

    private String repetition() {
        return "    (the same %d more %s, the last at %s)"
                .formatted(repeated, repeated == 1 ? "time" : "times", TIME.format(repeatedAt));
    }

    private static String clean(String line) {
        String printable = line.replaceAll("[\\p{Cntrl}&&[^\t]]", "?");
        return printable.length() <= LONGEST_LINE
                ? printable
                : printable.substring(0, LONGEST_LINE)
                        + " [... %d characters are left out here]".formatted(printable.length() - LONGEST_LINE);
    }
}
