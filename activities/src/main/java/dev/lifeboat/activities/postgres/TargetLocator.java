package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.WalReader.Listener;
import dev.lifeboat.activities.postgres.WalReader.RestorePoint;
import dev.lifeboat.activities.postgres.WalReader.TransactionEnd;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.ClockStep;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds where recovery along one path stops, by PostgreSQL's own rules (access/transam/xlogrecovery.c,
 * recoveryStopsBefore and recoveryStopsAfter): summaries say in which segment, the segment says where.
 */
final class TargetLocator {

    private final WalPath path;
    private final WalSources sources;
    private final WalSegmentSize size;

    TargetLocator(WalPath path, WalSources sources, WalSegmentSize size) {
        this.path = path;
        this.sources = sources;
        this.size = size;
    }

    /**
     * The record that recovery stops at.
     *
     * @param before it is not applied any more
     */
    private record Stop(WalSegment segment, Lsn start, Lsn end, boolean before) {

        Lsn lsn() {
            return before ? start : end;
        }

        boolean keeps(Lsn recordStart) {
            return recordStart.isBefore(start) || !before && recordStart.equals(start);
        }
    }

    /**
     * Of a time, every passage on the path's own part.
     *
     * @param returns where the log comes back to before the time, after it had passed it
     */
    record Found(List<TargetLocation> locations, List<ClockStep> returns) {}

    Found find(RecoveryTarget target, boolean exclusive) {
        if (!(target instanceof RecoveryTarget.AtTime at)) {
            return new Found(locate(target, exclusive).stream().toList(), List.of());
        }
        TimePassages found = new TimePassages(path, size, segment -> scan(segment).transactions)
                .find(time -> time.isAfter(at.time()) || exclusive && time.equals(at.time()));
        List<TargetLocation> locations = found.passages().stream()
                .filter(passage -> path.isOwn(passage.start()))
                .map(passage -> location(new Stop(passage.segment(), passage.start(), passage.end(), true), null))
                .toList();
        return new Found(locations, found.returns());
    }

    /**
     * Empty when it does not stop on the path, or does on a part that belongs to an older timeline: there it is found on
     * the way to that one. Only the newest of some restore points may be another on the way to the older timeline, which
     * went on after this one had left it.
     */
    private Optional<TargetLocation> locate(RecoveryTarget target, boolean exclusive) {
        if (target instanceof RecoveryTarget.Latest) {
            return latest();
        }
        return stop(target, exclusive)
                .filter(found -> target instanceof RecoveryTarget.AtRestorePoint || path.isOwn(found.start()))
                .map(found -> location(found, namesake(target, found)));
    }

    private Optional<Stop> stop(RecoveryTarget target, boolean exclusive) {
        if (target instanceof RecoveryTarget.AtXid at) {
            return atTransaction(
                    summary -> summary.mayHoldXid(at.xid()), transaction -> transaction.xid() == at.xid(), exclusive);
        }
        if (target instanceof RecoveryTarget.AtRestorePoint at) {
            return atRestorePoint(at.name());
        }
        if (target instanceof RecoveryTarget.AtLsn at) {
            return atLsn(at.lsn(), exclusive);
        }
        return Optional.empty();
    }

    private Optional<Stop> atTransaction(
            Predicate<SegmentSummary> candidates, Predicate<TransactionEnd> wanted, boolean before) {
        for (WalSegment segment : path.segments().values()) {
            if (!candidates.test(path.summary(segment))) {
                continue;
            }
            Optional<Stop> found = scan(segment).transactions.stream()
                    .filter(wanted)
                    .findFirst()
                    .map(transaction -> new Stop(segment, transaction.start(), transaction.end(), before));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Stop> atRestorePoint(String name) {
        for (WalSegment segment : path.segments().descendingMap().values()) {
            if (path.summary(segment).restorePoints().stream()
                    .noneMatch(point -> point.name().equals(name))) {
                continue;
            }
            Optional<Stop> found = scan(segment).points.stream()
                    .filter(point -> point.name().equals(name))
                    .reduce((first, second) -> second)
                    .map(point -> new Stop(segment, point.start(), point.end(), false));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** The server stops at the first restore point of a name, so it must be known whether there is one before. */
    private @Nullable Lsn namesake(RecoveryTarget target, Stop stop) {
        if (!(target instanceof RecoveryTarget.AtRestorePoint at)) {
            return null;
        }
        for (WalSegment segment : path.segments()
                .headMap(stop.segment().number(), true)
                .descendingMap()
                .values()) {
            if (path.summary(segment).restorePoints().stream()
                    .noneMatch(point -> point.name().equals(at.name()))) {
                continue;
            }
            Optional<Lsn> earlier = scan(segment).points.stream()
                    .filter(point ->
                            point.name().equals(at.name()) && point.start().isBefore(stop.start()))
                    .map(RestorePoint::end)
                    .reduce((first, second) -> second);
            if (earlier.isPresent()) {
                return earlier.get();
            }
        }
        return null;
    }

    private Optional<Stop> atLsn(Lsn lsn, boolean before) {
        long first = Long.divideUnsigned(lsn.value(), size.bytes());
        for (WalSegment segment : path.segments().tailMap(first, true).values()) {
            Scan scan = scan(segment, lsn);
            if (scan.recordEnd != 0) {
                return Optional.of(new Stop(segment, new Lsn(scan.recordStart), new Lsn(scan.recordEnd), before));
            }
        }
        return Optional.empty();
    }

    private Optional<TargetLocation> latest() {
        for (WalSegment segment : path.segments().descendingMap().values()) {
            Lsn end = path.summary(segment).end();
            if (end != null && path.isOwn(new Lsn(end.value() - 1))) {
                return Optional.of(new TargetLocation(
                        path.timeline(),
                        end,
                        lastCommit(path.segments()
                                .headMap(segment.number(), true)
                                .descendingMap()
                                .values()),
                        null));
            }
        }
        return Optional.empty();
    }

    private TargetLocation location(Stop stop, @Nullable Lsn namesake) {
        Instant last = null;
        Instant next = null;
        for (TransactionEnd transaction : scan(stop.segment()).transactions) {
            if (transaction.commit() && stop.keeps(transaction.start())) {
                last = transaction.time();
            } else if (transaction.commit() && next == null) {
                next = transaction.time();
            }
        }
        long number = stop.segment().number();
        if (last == null) {
            last = lastCommit(
                    path.segments().headMap(number, false).descendingMap().values());
        }
        if (next == null) {
            next = firstCommit(path.segments().tailMap(number, false).values());
        }
        return new TargetLocation(path.timelineAt(stop.start()), stop.lsn(), last, next, namesake);
    }

    private @Nullable Instant lastCommit(Collection<WalSegment> backwards) {
        for (WalSegment segment : backwards) {
            Instant found = path.isLeftInside(segment, size)
                    ? scan(segment).lastCommit()
                    : path.summary(segment).lastCommitAt();
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable Instant firstCommit(Collection<WalSegment> forwards) {
        for (WalSegment segment : forwards) {
            Instant found = path.isLeftInside(segment, size)
                    ? scan(segment).firstCommit()
                    : path.summary(segment).firstCommitAt();
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private Scan scan(WalSegment segment) {
        return scan(segment, new Lsn(-1));
    }

    private Scan scan(WalSegment segment, Lsn from) {
        Map.Entry<Long, WalSegment> before = path.segments().floorEntry(segment.number() - 1);
        while (true) {
            Scan scan = new Scan(segment, from);
            WalReader reader = new WalReader(size, scan);
            // A record that ends here may have begun there.
            if (before != null && before.getKey() == segment.number() - 1 && !read(reader, before.getValue())) {
                continue;
            }
            scan.inside = true;
            if (read(reader, segment)) {
                return scan;
            }
        }
    }

    /** False when it was not intact, and from now on another copy is read. */
    private boolean read(WalReader reader, WalSegment segment) {
        List<String> others = new ArrayList<>();
        String why;
        try {
            Optional<InputStream> opened = sources.open(segment);
            if (opened.isEmpty()) {
                return true;
            }
            try (InputStream bytes = opened.get()) {
                boolean whole = reader.read(segment, bytes).whole();
                return whole
                        || !path.summary(segment).whole()
                        || !sources.replace(segment, "its WAL ends in the middle", others);
            }
        } catch (IOException e) {
            why = String.valueOf(e.getMessage());
        }
        if (sources.replace(segment, why, others)) {
            return false;
        }
        throw sources.damaged(segment, why, others);
    }

    /** What ends inside one segment and is on the path. */
    private final class Scan implements Listener {
        private final WalSegment segment;
        private final Lsn from;
        private final List<TransactionEnd> transactions = new ArrayList<>();
        private final List<RestorePoint> points = new ArrayList<>();
        private boolean inside;
        private long recordStart;
        private long recordEnd;

        Scan(WalSegment segment, Lsn from) {
            this.segment = segment;
            this.from = from;
        }

        @Override
        public void record(long start, long end) {
            if (inside && recordEnd == 0 && Long.compareUnsigned(start, from.value()) >= 0 && holds(new Lsn(start))) {
                recordStart = start;
                recordEnd = end;
            }
        }

        @Override
        public void transactionEnd(TransactionEnd transaction) {
            if (inside && holds(transaction.start())) {
                transactions.add(transaction);
            }
        }

        @Override
        public void restorePoint(RestorePoint point) {
            if (inside && holds(point.start())) {
                points.add(point);
            }
        }

        @Nullable Instant firstCommit() {
            return transactions.stream()
                    .filter(TransactionEnd::commit)
                    .map(TransactionEnd::time)
                    .findFirst()
                    .orElse(null);
        }

        @Nullable Instant lastCommit() {
            return transactions.stream()
                    .filter(TransactionEnd::commit)
                    .map(TransactionEnd::time)
                    .reduce((first, second) -> second)
                    .orElse(null);
        }

        private boolean holds(Lsn start) {
            return path.holds(segment, start);
        }
    }
}
