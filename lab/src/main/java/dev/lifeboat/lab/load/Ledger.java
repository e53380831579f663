package dev.lifeboat.lab.load;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** What writers were told about each of their rows. */
public final class Ledger {

    private final Map<Long, Entry> acknowledged = new ConcurrentHashMap<>();
    private final Map<Long, String> inDoubt = new ConcurrentHashMap<>();

    /**
     * A row whose commit was acknowledged.
     *
     * @param xid         of its transaction, the 32 bits that WAL carries
     * @param committedAt by {@code pg_xact_commit_timestamp}, exact to the microsecond
     * @param hash        of its content
     */
    public record Entry(long id, long xid, Instant committedAt, String hash) {}

    void tries(long id, String hash) {
        inDoubt.put(id, hash);
    }

    void acknowledges(Entry entry) {
        acknowledged.put(entry.id(), entry);
        inDoubt.remove(entry.id());
    }

    /** Strikes out what a recovery to this time has left behind: everything committed after it, until the reopening. */
    public void givesUp(Instant recoveredTo, Instant reopened) {
        acknowledged
                .values()
                .removeIf(entry -> entry.committedAt().isAfter(recoveredTo)
                        && entry.committedAt().isBefore(reopened));
    }

    public int size() {
        return acknowledged.size();
    }

    /** In the order of commits. */
    public List<Entry> entries() {
        return acknowledged.values().stream()
                .sorted(Comparator.comparing(Entry::committedAt).thenComparing(Entry::id))
                .toList();
    }

    /** What must be there after a recovery to this time, inclusive. */
    public Map<Long, Entry> until(Instant time) {
        return acknowledged.values().stream()
                .filter(entry -> !entry.committedAt().isAfter(time))
                .collect(Collectors.toMap(Entry::id, entry -> entry));
    }

    /** Rows of which nobody knows whether their commit happened: the connection broke in between. */
    public Map<Long, String> inDoubt() {
        return Map.copyOf(inDoubt);
    }

    public Set<Long> ids() {
        return Set.copyOf(acknowledged.keySet());
    }

    /**
     * The middle of the last pause between two commits that both lie before this time, at least as long as asked for. At
     * such a moment the order of commits in WAL and by their times is certainly the same.
     */
    public Optional<Instant> pauseBefore(Instant time, Duration atLeast) {
        List<Entry> entries = entries().stream()
                .filter(entry -> entry.committedAt().isBefore(time))
                .toList();
        for (int i = entries.size() - 1; i > 0; i--) {
            Instant before = entries.get(i - 1).committedAt();
            Duration pause = Duration.between(before, entries.get(i).committedAt());
            if (pause.compareTo(atLeast) >= 0) {
                // As exact as PostgreSQL's own times.
                return Optional.of(before.plus(pause.dividedBy(2)).truncatedTo(ChronoUnit.MICROS));
            }
        }
        return Optional.empty();
    }
}
