package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The segments that a recovery along one timeline reads, in order. At a switch PostgreSQL prefers the newest timeline's
 * copy of a segment and takes an ancestor's where there is none.
 */
final class WalPath {

    private final TimelineHistory history;
    private final NavigableMap<Long, WalSegment> segments = new TreeMap<>();
    private final Map<WalSegment, SegmentSummary> summaries;

    WalPath(TimelineHistory history, WalSegmentSize size, NavigableMap<WalSegment, SegmentSummary> summaries) {
        this.history = history;
        this.summaries = summaries;
        // Oldest timeline first, so that a newer one's copy replaces it.
        for (WalSegment segment : summaries.keySet()) {
            if (lies(segment, size)) {
                segments.put(segment.number(), segment);
            }
        }
    }

    int timeline() {
        return history.timeline();
    }

    /** By number; a number that is missing is a hole. */
    NavigableMap<Long, WalSegment> segments() {
        return segments;
    }

    SegmentSummary summary(WalSegment segment) {
        SegmentSummary summary = summaries.get(segment);
        if (summary == null) {
            throw new IllegalArgumentException(segment + " is not on the path");
        }
        return summary;
    }

    /** Whether a record in this file is on the path, and not on a branch that was left before it. */
    boolean holds(WalSegment file, Lsn recordStart) {
        return Integer.compareUnsigned(history.timelineAt(recordStart), file.timeline()) <= 0;
    }

    /** To which timeline on the way a record belongs. */
    int timelineAt(Lsn recordStart) {
        return history.timelineAt(recordStart);
    }

    /** Whether a position is on this timeline's own part, after it left its parent. */
    boolean isOwn(Lsn recordStart) {
        return history.timelineAt(recordStart) == history.timeline();
    }

    /** Where this timeline left its parent; the beginning of the log for the first one. */
    Lsn ownBegin() {
        int forks = history.forks().size();
        return forks == 0 ? new Lsn(0) : history.forks().get(forks - 1).end();
    }

    /** Whether the file goes on, beyond a switch, with what is not on the path: its summary then says too much. */
    boolean isLeftInside(WalSegment file, WalSegmentSize size) {
        return !holds(file, new Lsn(size.endOf(file).value() - 1));
    }

    /** Where the path leaves the timeline of this file. */
    Lsn leftAt(WalSegment file) {
        return history.forks().stream()
                .filter(fork -> fork.timeline() == file.timeline())
                .map(TimelineHistory.Fork::end)
                .findFirst()
                .orElseThrow();
    }

    private boolean lies(WalSegment segment, WalSegmentSize size) {
        if (!history.passesThrough(segment.timeline())) {
            return false;
        }
        int first = history.timelineAt(size.startOf(segment));
        int last = history.timelineAt(new Lsn(size.endOf(segment).value() - 1));
        return Integer.compareUnsigned(first, segment.timeline()) <= 0
                && Integer.compareUnsigned(segment.timeline(), last) <= 0;
    }
}
