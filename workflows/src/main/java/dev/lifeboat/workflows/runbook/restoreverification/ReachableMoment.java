package dev.lifeboat.workflows.runbook.restoreverification;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Some moment that can be recovered to, every one as likely as every other: holes in the WAL lie between the ranges of a
 * window and never within one.
 *
 * @param timeline the one that it lies on, since two may pass the same time
 */
record ReachableMoment(Instant time, int timeline) {

    /** @param lot from 0 to below 1 */
    static Optional<ReachableMoment> draw(Window window, double lot) {
        List<Range> ranges = window.ranges().stream()
                .filter(range -> !length(range).isZero())
                .toList();
        Duration all = ranges.stream().map(ReachableMoment::length).reduce(Duration.ZERO, Duration::plus);
        Duration left = Duration.ofMillis((long) (all.toMillis() * lot));
        for (Range range : ranges) {
            Duration length = length(range);
            if (left.compareTo(length) < 0) {
                return Optional.of(new ReachableMoment(begin(range).plus(left), range.timeline()));
            }
            left = left.minus(length);
        }
        return Optional.empty();
    }

    /** In whole milliseconds; zero where no commit lies behind its begin, so that nothing could be stopped at. */
    private static Duration length(Range range) {
        Instant to = range.to();
        if (to == null || !to.isAfter(begin(range))) {
            return Duration.ZERO;
        }
        return Duration.between(begin(range), to.truncatedTo(ChronoUnit.MILLIS));
    }

    private static Instant begin(Range range) {
        // Not before the end of the base backup, which has more digits.
        return range.from().truncatedTo(ChronoUnit.MILLIS).plusMillis(1);
    }
}
