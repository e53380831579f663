package dev.lifeboat.workflows.domain.postgres;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a timeline comes from: the content of its {@code .history} file.
 *
 * @param timeline the timeline this is the history of
 * @param forks    its ancestors, oldest first, each with the position where it was left; empty for timeline 1
 */
public record TimelineHistory(int timeline, List<Fork> forks) {

    /** @param end first position that no longer belongs to {@code timeline} on the way to the newer one */
    public record Fork(int timeline, Lsn end) {}

    /**
     * Reads the text of a history file (PostgreSQL, access/transam/timeline.c): one line an ancestor, number, LSN,
     * reason, separated by white space; lines that begin with # are comments.
     *
     * @throws IllegalArgumentException when a line is neither
     */
    public static TimelineHistory parse(int timeline, String text) {
        List<Fork> forks = new ArrayList<>();
        for (String line : text.split("\n")) {
            String trimmed = line.strip();
            if (trimmed.isEmpty() || trimmed.startsWith("#")) {
                continue;
            }
            String[] fields = trimmed.split("\\s+", 3);
            if (fields.length < 2) {
                throw new IllegalArgumentException("the history of timeline " + timeline + " has the line '" + trimmed
                        + "', which names no ancestor and LSN");
            }
            forks.add(new Fork(Integer.parseInt(fields[0]), Lsn.parse(fields[1])));
        }
        return new TimelineHistory(timeline, List.copyOf(forks));
    }

    /** The timeline, on the way to this one, that holds the byte at this position. */
    public int timelineAt(Lsn lsn) {
        for (Fork fork : forks) {
            if (lsn.isBefore(fork.end())) {
                return fork.timeline();
            }
        }
        return timeline;
    }

    public boolean passesThrough(int ancestor) {
        return ancestor == timeline || forks.stream().anyMatch(fork -> fork.timeline() == ancestor);
    }
}
