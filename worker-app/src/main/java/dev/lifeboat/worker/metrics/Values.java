package dev.lifeboat.worker.metrics;

import dev.lifeboat.workflows.contract.evidence.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Facts as the numbers that Prometheus keeps; NaN for what is not known, which no comparison takes for good. */
final class Values {

    private Values() {}

    /** Seconds since 1970. */
    static double seconds(@Nullable Instant at) {
        return at == null ? Double.NaN : at.getEpochSecond() + at.getNano() / 1e9;
    }

    static double seconds(@Nullable Duration duration) {
        return duration == null ? Double.NaN : duration.toNanos() / 1e9;
    }

    static double of(boolean yes) {
        return yes ? 1 : 0;
    }

    static double of(Verdict verdict) {
        return switch (verdict) {
            case PASS -> 1;
            case FAIL -> 0;
            case NOT_MEASURED -> Double.NaN;
        };
    }
}
