package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.ClockStep;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts.Creation;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The way through the log to one timeline: its ancestors up to where each was left, then itself. */
final class TimelinePath {

    private final int timeline;
    private final List<Leg> legs;
    private final Map<Integer, TimelineFacts> facts;
    private final WalSegmentSize size;

    private TimelinePath(int timeline, List<Leg> legs, Map<Integer, TimelineFacts> facts, WalSegmentSize size) {
        this.timeline = timeline;
        this.legs = legs;
        this.facts = facts;
        this.size = size;
    }

    /** @param history of the timeline; null for the first one, which has no file */
    static TimelinePath to(
            int timeline, @Nullable TimelineHistory history, List<TimelineFacts> all, WalSegmentSize size) {
        List<Leg> legs = new ArrayList<>();
        if (history != null) {
            history.forks().forEach(fork -> legs.add(new Leg(fork.timeline(), fork.end())));
        }
        legs.add(new Leg(timeline, null));
        Map<Integer, TimelineFacts> byNumber =
                all.stream().collect(Collectors.toMap(TimelineFacts::timeline, Function.identity()));
        return new TimelinePath(timeline, List.copyOf(legs), byNumber, size);
    }

    int timeline() {
        return timeline;
    }

    List<Leg> legs() {
        return legs;
    }

    /** Whether the copy was consistent before the path left the backup's timeline. */
    boolean canStartFrom(BaseBackup backup) {
        return legs.stream()
                .filter(leg -> leg.timeline() == backup.timeline())
                .anyMatch(leg -> leg.until() == null || !backup.endLsn().isAfter(leg.until()));
    }

    /** The first of these that replay along this path would come to. */
    Optional<TargetLocation> firstOnPath(List<TargetLocation> locations, boolean before) {
        return locations.stream()
                .filter(location -> holds(location, before))
                .min(Comparator.comparing(TargetLocation::stopLsn));
    }

    /** The newest of these: a name is given again and again, a clock may go back, and the last time is meant. */
    Optional<TargetLocation> lastOnPath(List<TargetLocation> locations, boolean before) {
        return locations.stream()
                .filter(location -> holds(location, before))
                .max(Comparator.comparing(TargetLocation::stopLsn));
    }

    /** Those that replay along this path meets, in its order. */
    List<ClockStep> onPath(List<ClockStep> steps) {
        return steps.stream()
                .filter(step -> legs.stream()
                        .filter(leg -> leg.timeline() == step.timeline())
                        .anyMatch(leg -> leg.until() == null || step.at().isBefore(leg.until())))
                .sorted(Comparator.comparing(ClockStep::at))
                .toList();
    }

    /** @param before recovery stops before the record that begins there, so that record must be on the path as well */
    boolean holds(TargetLocation location, boolean before) {
        return legs.stream()
                .filter(leg -> leg.timeline() == location.timeline())
                .anyMatch(leg -> leg.until() == null
                        || location.stopLsn().isBefore(leg.until())
                        || !before && location.stopLsn().equals(leg.until()));
    }

    /** The timeline, on this path, that holds the record that ends here. */
    int timelineEndingAt(Lsn lsn) {
        return legs.stream()
                .filter(leg -> leg.until() == null || !lsn.isAfter(leg.until()))
                .findFirst()
                .orElseThrow()
                .timeline();
    }

    /** The end of the last complete record on the path; empty when its last timelines hold nothing yet. */
    Optional<Lsn> end() {
        Lsn end = null;
        for (Leg leg : legs) {
            TimelineFacts found = facts.get(leg.timeline());
            Lsn reached = leg.until() != null ? leg.until() : found == null ? null : found.end();
            if (reached != null && (end == null || reached.isAfter(end))) {
                end = reached;
            }
        }
        return Optional.ofNullable(end);
    }

    /** Whether a record follows a position on this path, and what it begins in can be had. */
    boolean goesOnBehind(Lsn lsn) {
        return end().filter(lsn::isBefore).isPresent() && isWhole(lsn, lsn.plus(1));
    }

    /** Whether a later commit is known on what the path goes on with after it has left this timeline. */
    boolean hasCommitAfter(Instant time, int ancestor) {
        return legs.stream()
                .dropWhile(leg -> leg.timeline() != ancestor)
                .skip(1)
                .map(leg -> facts.get(leg.timeline()))
                .anyMatch(found -> found != null
                        && found.lastCommitAt() != null
                        && found.lastCommitAt().isAfter(time));
    }

    /** The last commit that is known on the path's last timeline with any. */
    @Nullable Instant lastCommitAt() {
        for (int i = legs.size() - 1; i >= 0; i--) {
            TimelineFacts found = facts.get(legs.get(i).timeline());
            if (found != null && found.lastCommitAt() != null) {
                return i == legs.size() - 1 ? found.lastCommitAt() : null;
            }
        }
        return null;
    }

    /**
     * The segments from one position to the end of another. Where a timeline was left in the middle of a segment, the
     * newer timeline's copy of that segment counts, as PostgreSQL prefers it.
     */
    List<WalSegment> segments(Lsn from, Lsn endExclusive) {
        long first = size.segmentAt(timeline, from).number();
        Lsn lastByte = endExclusive.isAfter(from) ? endExclusive.plus(-1) : from;
        long last = size.segmentAt(timeline, lastByte).number();
        List<WalSegment> needed = new ArrayList<>();
        for (long number = first; number <= last; number++) {
            Lsn end = size.endOf(new WalSegment(timeline, number));
            needed.add(segment(number, endExclusive.isBefore(end) ? endExclusive : end));
        }
        return needed;
    }

    /** Whether every segment between these positions is there. */
    boolean isWhole(Lsn from, Lsn endExclusive) {
        return segments(from, endExclusive).stream().allMatch(this::isAvailable);
    }

    /** @param end up to where it is needed: the copy of a timeline that was left before that holds another branch */
    private WalSegment segment(long number, Lsn end) {
        List<Integer> candidates = new ArrayList<>();
        Lsn legStart = new Lsn(0);
        for (Leg leg : legs) {
            long firstOfLeg = size.segmentAt(leg.timeline(), legStart).number();
            boolean notLeftYet = leg.until() == null || !leg.until().isBefore(end);
            if (firstOfLeg <= number && notLeftYet) {
                candidates.add(leg.timeline());
            }
            legStart = leg.until() == null ? legStart : leg.until();
        }
        for (int i = candidates.size() - 1; i >= 0; i--) {
            WalSegment segment = new WalSegment(candidates.get(i), number);
            if (isAvailable(segment)) {
                return segment;
            }
        }
        return new WalSegment(candidates.get(candidates.size() - 1), number);
    }

    boolean isAvailable(WalSegment segment) {
        TimelineFacts found = facts.get(segment.timeline());
        if (found == null) {
            return false;
        }
        List<SegmentRange> ranges = found.available();
        return isUnfinished(segment, found.end())
                || ranges.stream()
                        .anyMatch(range -> range.from() <= segment.number() && segment.number() <= range.to());
    }

    /** The segment that the last record lies in need not be whole: it is taken from the live disk as it is. */
    private boolean isUnfinished(WalSegment segment, @Nullable Lsn end) {
        return end != null && size.segmentAt(segment.timeline(), end.plus(-1)).number() == segment.number();
    }

    /** The tablespaces that a replay from one position up to another would make. */
    List<Creation> crossed(List<Creation> creations, Lsn from, Lsn to) {
        return creations.stream()
                .filter(each -> each.end().isAfter(from) && each.start().isBefore(to))
                .filter(each -> legs.stream()
                        .filter(leg -> leg.timeline() == each.timeline())
                        .anyMatch(leg -> leg.until() == null || !each.end().isAfter(leg.until())))
                .sorted(Comparator.comparing(Creation::start))
                .toList();
    }

    List<String> names(List<WalSegment> segments) {
        return segments.stream().map(size::nameOf).map(Objects::requireNonNull).toList();
    }
}
