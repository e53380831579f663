package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Hole;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.LiveEnd;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The times that can be recovered to, from what is really in the bucket: from where a base backup is consistent to
 * where the WAL that follows it without a hole ends.
 */
final class RecoveryWindow {

    private static final int MAX_NAMES = 1000;

    private final WalCatalog wal;
    private final List<BaseBackup> backups;
    private final WalSegmentSize size;
    private final Predicate<WalSegment> onItsWay;

    /**
     * @param backups  oldest first
     * @param onItsWay segments that wait to be archived: they are not missing, they are still to come
     */
    RecoveryWindow(WalCatalog wal, List<BaseBackup> backups, WalSegmentSize size, Predicate<WalSegment> onItsWay) {
        this.wal = wal;
        this.backups = backups;
        this.size = size;
        this.onItsWay = onItsWay;
    }

    Window compute(@Nullable LiveEnd liveEnd) {
        List<Range> ranges = new ArrayList<>();
        List<Hole> holes = new ArrayList<>();
        for (TimelineFacts timeline : wal.timelines()) {
            TimelineHistory history = timeline.history();
            if (history != null) {
                WalPath path = wal.path(history);
                List<BaseBackup> usable = backups.stream()
                        .filter(backup -> leadsTo(history, backup))
                        .toList();
                ranges.addAll(ranges(timeline, path, usable));
                List<String> missing = missing(history, path, usable);
                if (!missing.isEmpty()) {
                    holes.add(new Hole(timeline.timeline(), missing));
                }
            }
        }
        return new Window(List.copyOf(ranges), List.copyOf(holes), liveEnd);
    }

    /** Whether the backup lies on the way to this timeline, and not beyond where the way leaves its own. */
    private static boolean leadsTo(TimelineHistory history, BaseBackup backup) {
        return history.passesThrough(backup.timeline())
                && history.timelineAt(new Lsn(backup.endLsn().value() - 1)) == backup.timeline();
    }

    private List<Range> ranges(TimelineFacts timeline, WalPath path, List<BaseBackup> usable) {
        List<Range> ranges = new ArrayList<>();
        Lsn covered = new Lsn(0);
        for (BaseBackup backup : usable) {
            if (backup.endLsn().isBefore(covered)) {
                continue;
            }
            Run run = run(
                    path, size.segmentAt(backup.timeline(), backup.startLsn()).number());
            Lsn end = run.end;
            if (end == null || end.isBefore(backup.endLsn()) || !path.isOwn(new Lsn(end.value() - 1))) {
                continue;
            }
            covered = end;
            ranges.add(range(timeline, path, backup, run, end));
        }
        return ranges;
    }

    private static Range range(TimelineFacts timeline, WalPath path, BaseBackup backup, Run run, Lsn end) {
        Instant from = backup.endedAt();
        Lsn fromLsn = backup.endLsn();
        if (backup.timeline() != timeline.timeline()) {
            fromLsn = path.ownBegin();
            Instant first = timeline.firstCommitAt();
            from = first != null && first.isAfter(from) ? first : from;
        }
        Instant to = run.lastCommit != null && run.lastCommit.isBefore(from) ? null : run.lastCommit;
        return new Range(timeline.timeline(), from, to, fromLsn, end);
    }

    private static final class Run {
        private @Nullable Lsn end;
        private @Nullable Instant lastCommit;
    }

    /** As far as segments follow each other without a hole. */
    private Run run(WalPath path, long first) {
        Run run = new Run();
        long expected = first;
        for (var entry : path.segments().tailMap(first, true).entrySet()) {
            if (entry.getKey() != expected++) {
                break;
            }
            SegmentSummary summary = path.summary(entry.getValue());
            if (path.isLeftInside(entry.getValue(), size)) {
                // The newer timeline's copy of it is not there, and what follows the switch in this one is another
                // branch.
                run.end = path.leftAt(entry.getValue());
                break;
            }
            run.end = summary.end() == null ? run.end : summary.end();
            run.lastCommit = summary.lastCommitAt() == null ? run.lastCommit : summary.lastCommitAt();
            if (!summary.whole()) {
                break;
            }
        }
        return run;
    }

    private List<String> missing(TimelineHistory history, WalPath path, List<BaseBackup> usable) {
        NavigableMap<Long, WalSegment> there = path.segments();
        if (there.isEmpty()) {
            return List.of();
        }
        long first = usable.stream()
                .mapToLong(backup ->
                        size.segmentAt(backup.timeline(), backup.startLsn()).number())
                .min()
                .orElse(there.firstKey());
        List<String> missing = new ArrayList<>();
        for (long number = first; number < there.lastKey() && missing.size() < MAX_NAMES; number++) {
            WalSegment wanted = new WalSegment(history.timeline(), number);
            // What an ancestor lacks is told with the ancestor. A segment in which a timeline begins is its own.
            boolean own = history.timelineAt(new Lsn(size.endOf(wanted).value() - 1)) == history.timeline();
            WalSegment found = there.get(number);
            boolean has = found != null && !path.isLeftInside(found, size);
            if (own && !has && !onItsWay.test(wanted)) {
                missing.add(size.nameOf(wanted));
            }
        }
        return List.copyOf(missing);
    }
}
