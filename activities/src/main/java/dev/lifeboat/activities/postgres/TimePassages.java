package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.WalReader.TransactionEnd;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.ClockStep;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where the log along one path passes a time. PostgreSQL stops at the first transaction that ended later; where the clock
 * of its host had gone forward and came back, commits of before that time follow it, and it passes the time again.
 */
final class TimePassages {

    /** Transactions that end side by side write their times out of order; so much is no step of a clock. */
    static final Duration SIDE_BY_SIDE = Duration.ofSeconds(1);

    private final WalPath path;
    private final WalSegmentSize size;
    private final Function<WalSegment, List<TransactionEnd>> reading;
    private final List<Passage> passages = new ArrayList<>();
    private final List<ClockStep> returns = new ArrayList<>();
    private boolean past;
    private @Nullable Instant latest;

    /** @param reading what ended inside a segment and is on the path, in order */
    TimePassages(WalPath path, WalSegmentSize size, Function<WalSegment, List<TransactionEnd>> reading) {
        this.path = path;
        this.size = size;
        this.reading = reading;
    }

    /** The transaction before which recovery stops, when it comes from a backup behind the last return. */
    record Passage(WalSegment segment, Lsn start, Lsn end) {}

    List<Passage> passages() {
        return List.copyOf(passages);
    }

    /** Those on the path's own timeline. */
    List<ClockStep> returns() {
        return returns.stream().filter(step -> path.isOwn(step.at())).toList();
    }

    /** @param late of a transaction's end: it stays out */
    TimePassages find(Predicate<Instant> late) {
        for (WalSegment segment : path.segments().values()) {
            SegmentSummary summary = path.summary(segment);
            boolean changes = past ? mayReturn(summary, late) : latestIs(summary, late);
            if (changes || path.isLeftInside(segment, size)) {
                reading.apply(segment).forEach(each -> pass(segment, each, late));
            } else {
                saw(summary.latestEndAt());
            }
        }
        return this;
    }

    private void pass(WalSegment segment, TransactionEnd transaction, Predicate<Instant> late) {
        Instant time = transaction.time();
        saw(time);
        if (!past && late.test(time)) {
            past = true;
            passages.add(new Passage(segment, transaction.start(), transaction.end()));
        } else if (past && transaction.commit() && !late.test(time) && wentBack(latest, time)) {
            past = false;
            returns.add(new ClockStep(
                    path.timelineAt(transaction.start()), transaction.start(), Objects.requireNonNull(latest), time));
            // From here on the log is measured by the clock as it is now.
            latest = time;
        }
    }

    private boolean mayReturn(SegmentSummary summary, Predicate<Instant> late) {
        Instant earliest = summary.earliest();
        return earliest != null
                && !late.test(earliest)
                && (wentBack(latest, earliest) || wentBack(summary.latestEndAt(), earliest));
    }

    private static boolean latestIs(SegmentSummary summary, Predicate<Instant> late) {
        return summary.latestEndAt() != null && late.test(summary.latestEndAt());
    }

    static boolean wentBack(@Nullable Instant latest, Instant time) {
        return latest != null && time.plus(SIDE_BY_SIDE).isBefore(latest);
    }

    private void saw(@Nullable Instant time) {
        if (time != null && (latest == null || time.isAfter(latest))) {
            latest = time;
        }
    }

    /** Every place on the path's own timeline where the times go back, by what is known of each segment. */
    static List<ClockStep> steps(WalPath path, WalSegmentSize size) {
        List<ClockStep> steps = new ArrayList<>();
        Instant latest = null;
        for (WalSegment segment : path.segments().values()) {
            SegmentSummary summary = path.summary(segment);
            Instant end = summary.latestEndAt();
            Instant earliest = summary.earliest();
            if (end == null || path.isLeftInside(segment, size)) {
                continue;
            }
            Instant last = summary.lastCommitAt();
            boolean inside = last != null && wentBack(end, last);
            if (earliest != null && (wentBack(latest, earliest) || inside)) {
                Instant from = latest == null || end.isAfter(latest) ? end : latest;
                Instant to = wentBack(latest, earliest) || last == null ? earliest : last;
                steps.add(new ClockStep(segment.timeline(), size.startOf(segment), from, to));
                // From here on the log is measured by the clock as it is now.
                latest = last == null ? earliest : last;
            } else {
                latest = latest == null || end.isAfter(latest) ? end : latest;
            }
        }
        return steps.stream().filter(step -> step.timeline() == path.timeline()).toList();
    }
}
