package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.Progress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Tells how far an activity is; remembers enough to tell its rate and the time left. */
final class ProgressText {

    private static final Duration TOO_SHORT = Duration.ofSeconds(2);

    private @Nullable Progress first;
    private Instant since = Instant.EPOCH;

    /** {@code chunk 12 of 18, 1.2 GiB of 2.2 GiB}. */
    static String of(Progress progress) {
        String amount = progress.total() > 0
                ? amount(progress.done(), progress.unit()) + " of " + amount(progress.total(), progress.unit())
                : progress.done() > 0 ? amount(progress.done(), progress.unit()) : "";
        if (progress.what().isBlank() || amount.isEmpty()) {
            return progress.what() + amount;
        }
        return progress.what() + ", " + amount;
    }

    /** And {@code , 171 MiB/s, 6s left} once that can be told. */
    String withRate(Progress progress, Instant now) {
        Progress start = first;
        if (start == null || start.total() != progress.total() || progress.done() < start.done()) {
            first = progress;
            since = now;
            return of(progress);
        }
        Duration passed = Duration.between(since, now);
        long moved = progress.done() - start.done();
        if (passed.compareTo(TOO_SHORT) < 0 || moved <= 0) {
            return of(progress);
        }
        double perSecond = moved * 1000.0 / passed.toMillis();
        String text = of(progress) + ", " + amount(Math.round(perSecond), progress.unit()) + "/s";
        if (progress.total() <= progress.done()) {
            return text;
        }
        long left = Math.round((progress.total() - progress.done()) / perSecond);
        return text + ", " + Words.of(Duration.ofSeconds(Math.max(left, 1))) + " left";
    }

    private static String amount(long number, String unit) {
        return unit.equals("bytes") ? Words.bytes(number) : number + " " + unit;
    }
}
