package dev.lifeboat.workflows.domain.postgres;

/**
 * One file of the write-ahead log, by its place.
 *
 * @param timeline decimal number of the timeline
 * @param number   which segment since the beginning of the log, counted from 0 over all of it
 */
public record WalSegment(int timeline, long number) {

    public WalSegment next() {
        return new WalSegment(timeline, number + 1);
    }

    /** The same place on another timeline: after a switch both hold the same bytes up to the switch. */
    public WalSegment on(int otherTimeline) {
        return new WalSegment(otherTimeline, number);
    }
}
