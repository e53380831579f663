package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was seen on each timeline while it happened, in the order of the log, and what must therefore be found after a
 * recovery to any of it. It knows nothing of WAL or of the product: one session does everything, one thing after another.
 */
final class ChainStory {

    /** Of the first page of a segment: the next record may begin behind it. */
    private static final int HEADER = 40;

    private final TreeMap<Integer, Branch> branches = new TreeMap<>();
    private int current = 1;

    ChainStory() {
        branches.put(1, new Branch(1, 0, List.of()));
    }

    /**
     * The cluster after one thing was done.
     *
     * @param lsn         behind it, and before the next
     * @param committedAt of a commit, by the server
     * @param xid         of a commit
     * @param point       the restore point that it was
     * @param before      right before its commit: null where nothing had changed since the moment before
     * @param state       every row, table and prepared transaction
     */
    record Moment(
            int timeline,
            Lsn lsn,
            @Nullable Instant committedAt,
            @Nullable Long xid,
            @Nullable String point,
            @Nullable String before,
            String state) {}

    /** @param inherited how many of its moments are its ancestors' */
    record Branch(int timeline, int inherited, List<Moment> moments) {

        Branch {
            moments = new ArrayList<>(moments);
        }
    }

    /** A point that is asked for, and what must be there then. */
    record Expectation(
            int timeline, RecoveryTarget target, boolean exclusive, String state, int last, List<Moment> moments) {

        /** Of the last commit that must be in; empty where none was seen. */
        Optional<Instant> lastCommitAt() {
            return moments.subList(0, last + 1).stream()
                    .map(Moment::committedAt)
                    .filter(Objects::nonNull)
                    .reduce((first, second) -> second);
        }

        Lsn after() {
            return moments.get(last).lsn();
        }
    }

    int current() {
        return current;
    }

    TreeMap<Integer, Branch> branches() {
        return branches;
    }

    boolean isEmpty() {
        return moments(current).isEmpty();
    }

    Moment now() {
        List<Moment> moments = moments(current);
        return moments.get(moments.size() - 1);
    }

    List<Moment> moments(int timeline) {
        return branch(timeline).moments();
    }

    Branch branch(int timeline) {
        Branch branch = branches.get(timeline);
        if (branch == null) {
            throw new IllegalStateException("nothing happened on timeline " + timeline);
        }
        return branch;
    }

    void add(Moment moment) {
        branch(current).moments().add(moment);
    }

    /** What was done behind this position was never archived, and its disk is gone. */
    void loses(Lsn end) {
        List<Moment> moments = moments(current);
        moments.removeIf(moment -> moment.timeline() == current && moment.lsn().isAfter(end));
    }

    void recovered(Expectation to, int newTimeline) {
        List<Moment> kept = to.moments().subList(0, to.last() + 1);
        branches.put(newTimeline, new Branch(newTimeline, kept.size(), kept));
        current = newTimeline;
    }

    /** The nearest thing to this wish that the story has; {@code latest} where it has nothing like it. */
    Expectation expectation(Chain.Wish wish) {
        List<Integer> timelines = List.copyOf(branches.keySet());
        int timeline = timelines.get(wish.timeline() * timelines.size() / 1000);
        List<Moment> moments = moments(timeline);
        int place = wish.place() * moments.size() / 1000;
        for (int i = 0; i < moments.size(); i++) {
            Optional<Expectation> found = expectation(wish.kind(), timeline, moments, (place + i) % moments.size());
            if (found.isPresent()) {
                return found.get();
            }
        }
        return latest(timeline, moments);
    }

    Optional<Expectation> expectation(Chain.Kind kind, int timeline, List<Moment> moments, int index) {
        Moment moment = moments.get(index);
        Instant time = moment.committedAt();
        int next = nextCommit(moments, index + 1);
        return switch (kind) {
            case LATEST -> Optional.of(latest(timeline, moments));
            case AT_TIME ->
                time == null || next < 0
                        ? Optional.empty()
                        : Optional.of(expect(timeline, new RecoveryTarget.AtTime(time), false, next - 1, moments));
            case BETWEEN_TIMES ->
                // When a prepared transaction was rolled back nobody knows: perhaps after that middle.
                time == null || next < 0 || moments.get(next).before() != null
                        ? Optional.empty()
                        : Optional.of(expect(
                                timeline,
                                new RecoveryTarget.AtTime(middle(time, moments.get(next))),
                                false,
                                next - 1,
                                moments));
            case BEFORE_TIME ->
                time == null || index == 0
                        ? Optional.empty()
                        : Optional.of(before(timeline, new RecoveryTarget.AtTime(time), moments, index));
            case LSN ->
                // The position is that of the next record: a switch right after a switch writes none.
                index + 1 == moments.size() || !moments.get(index + 1).lsn().isAfter(moment.lsn())
                        ? Optional.empty()
                        : Optional.of(expect(timeline, new RecoveryTarget.AtLsn(moment.lsn()), true, index, moments));
            case XID -> atXid(timeline, moments, index, false);
            case BEFORE_XID -> atXid(timeline, moments, index, true);
            case RESTORE_POINT -> atPoint(timeline, moments, moment.point());
        };
    }

    private static Optional<Expectation> atXid(int timeline, List<Moment> moments, int index, boolean before) {
        Long xid = moments.get(index).xid();
        if (xid == null || before && index == 0) {
            return Optional.empty();
        }
        RecoveryTarget target = new RecoveryTarget.AtXid(xid);
        return Optional.of(
                before ? before(timeline, target, moments, index) : expect(timeline, target, false, index, moments));
    }

    /** Of several with one name the newest is meant, to which there is a way only where a record follows it. */
    private static Optional<Expectation> atPoint(int timeline, List<Moment> moments, @Nullable String name) {
        int newest = -1;
        for (int i = 0; i < moments.size(); i++) {
            newest = name != null && name.equals(moments.get(i).point()) ? i : newest;
        }
        if (name == null || newest < 0) {
            return Optional.empty();
        }
        Lsn end = moments.get(newest).lsn();
        boolean goesOn = moments.get(moments.size() - 1).lsn().isAfter(end.plus(HEADER));
        return goesOn
                ? Optional.of(expect(timeline, new RecoveryTarget.AtRestorePoint(name), false, newest, moments))
                : Optional.empty();
    }

    private static Expectation latest(int timeline, List<Moment> moments) {
        return expect(timeline, new RecoveryTarget.Latest(), false, moments.size() - 1, moments);
    }

    private static Expectation expect(
            int timeline, RecoveryTarget target, boolean exclusive, int last, List<Moment> moments) {
        return new Expectation(timeline, target, exclusive, moments.get(last).state(), last, List.copyOf(moments));
    }

    private static Expectation before(int timeline, RecoveryTarget target, List<Moment> moments, int index) {
        String before = moments.get(index).before();
        return new Expectation(
                timeline,
                target,
                true,
                before == null ? moments.get(index - 1).state() : before,
                index - 1,
                List.copyOf(moments));
    }

    private static int nextCommit(List<Moment> moments, int from) {
        for (int i = from; i < moments.size(); i++) {
            if (moments.get(i).committedAt() != null) {
                return i;
            }
        }
        return -1;
    }

    private static Instant middle(Instant time, Moment next) {
        Instant until = next.committedAt() == null ? time : next.committedAt();
        return time.plus(Duration.between(time, until).dividedBy(2)).truncatedTo(ChronoUnit.MICROS);
    }
}
