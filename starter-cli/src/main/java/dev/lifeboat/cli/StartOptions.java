package dev.lifeboat.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a run is started and followed. */
final class StartOptions {

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it stands in the report.")
    private @Nullable String reason;

    @Option(names = "--yes", description = "Answers every gate that the starter may answer, also with --detach.")
    private boolean yes;

    @Option(names = "--detach", description = "Start it and come back at once.")
    private boolean detach;

    @Option(
            names = "--wait",
            paramLabel = "D",
            description = "Follow it for at most this long, for example 90s, 15m, 2h or PT15M; then exit 6.")
    private @Nullable String wait;

    @Option(names = "--take-over", description = "Says that the run which holds the target is dead.")
    private boolean takeOver;

    String reason() {
        return reason == null ? "" : reason;
    }

    boolean yes() {
        return yes;
    }

    boolean detach() {
        return detach;
    }

    boolean takeOver() {
        return takeOver;
    }

    /** Null to wait for as long as it takes. */
    @Nullable Duration limit() {
        return wait == null ? null : duration("--wait", wait);
    }

    /** {@code 90s}, {@code 15m}, {@code 2h}, {@code 1d} or ISO-8601. */
    static Duration duration(String option, String text) {
        String upper = text.strip().toUpperCase(Locale.ROOT);
        try {
            Duration duration = Duration.parse(upper.startsWith("P") ? upper : iso(upper));
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // told below
        }
        throw CliFailure.usage(option + " '" + text + "' is not a duration", "for example 90s, 15m, 2h, 1d or PT15M");
    }

    private static String iso(String upper) {
        if (upper.matches("[0-9]+")) {
            return "PT" + upper + "S";
        }
        return upper.endsWith("D") ? "P" + upper : "PT" + upper;
    }
}
