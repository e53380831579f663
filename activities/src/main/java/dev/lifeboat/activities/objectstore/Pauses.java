package dev.lifeboat.activities.objectstore;

import java.time.Duration;
import software.amazon.awssdk.retries.api.BackoffStrategy;

/**
 * How long a request waits before it is sent again; how often it is, is the same for all.
 *
 * @param trouble   the first pause after a request that broke or that the store could not serve; each later one is longer
 * @param throttled the first pause where the store asked to be left alone
 * @param broken    the first pause before an answer that broke is continued
 */
record Pauses(Duration trouble, Duration throttled, Duration broken) {

    /** The first two are the SDK's own. */
    static final Pauses USUAL = new Pauses(Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofMillis(200));

    private static final Duration LONGEST = Duration.ofSeconds(20);

    BackoffStrategy afterTrouble() {
        return BackoffStrategy.exponentialDelay(trouble, LONGEST);
    }

    BackoffStrategy whenThrottled() {
        return BackoffStrategy.exponentialDelay(throttled, LONGEST);
    }

    Duration afterBreak(int breaks) {
        return broken.multipliedBy(1L << (breaks - 1));
    }
}
