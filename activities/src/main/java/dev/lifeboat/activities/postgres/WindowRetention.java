package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.RetentionFacts.BackupFact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFile;
import dev.lifeboat.activities.postgres.RetentionFacts.WalKind;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The base backups without which a time inside the recovery window could not be reached any more: all that ended within it,
 * and on the way to each timeline the last one before it begins.
 */
final class WindowRetention {

    private static final Comparator<BackupFact> BY_PLACE = Comparator.comparing(BackupFact::startLsn);

    private final Map<BackupFact, Set<String>> kept;
    private final WalFact wal;
    private final Instant begin;
    /** Those of before the window by their own account; and of these the ones that the store, too, has had since then. */
    private final List<List<BackupFact>> before;

    private WindowRetention(Map<BackupFact, Set<String>> kept, WalFact wal, Instant begin) {
        this.kept = kept;
        this.wal = wal;
        this.begin = begin;
        List<BackupFact> ended = kept.keySet().stream()
                .filter(backup -> backup.endedAt().isBefore(begin))
                .toList();
        // One that a wrong clock dated into the past would be taken for the last before the window, and is within it.
        this.before = List.of(
                ended,
                ended.stream().filter(backup -> backup.madeAt().isBefore(begin)).toList());
    }

    /** @param kept of one system identifier; a reason is added for each that stays */
    static void keep(Map<BackupFact, Set<String>> kept, WalFact wal, Instant begin) {
        WindowRetention window = new WindowRetention(kept, wal, begin);
        window.keepThoseWithin();
        window.lastSeen().forEach((timeline, seen) -> {
            // What was last written to before the window began holds nothing that lies within it.
            if (!seen.isBefore(begin)) {
                window.before.forEach(some -> window.keepThoseThatLeadTo(timeline, some));
            }
        });
    }

    /** By their own account or the store's: one that a wrong clock dated into the past is needed all the same. */
    private void keepThoseWithin() {
        kept.forEach((backup, reasons) -> {
            if (!backup.madeAt().isBefore(begin)) {
                reasons.add("within the recovery window, which begins " + begin);
            }
        });
    }

    private void keepThoseThatLeadTo(int timeline, List<BackupFact> before) {
        Optional<TimelineHistory> history = wal.history(timeline);
        if (history.isPresent()) {
            keepLast(
                    before.stream()
                            .filter(backup -> leadsTo(history.get(), backup))
                            .toList(),
                    timeline);
            return;
        }
        List<BackupFact> own =
                before.stream().filter(backup -> backup.timeline() == timeline).toList();
        if (!own.isEmpty()) {
            keepLast(own, timeline);
            return;
        }
        // Its ancestors have lower numbers, and nobody knows where it left them.
        before.stream()
                .filter(backup -> Integer.compareUnsigned(backup.timeline(), timeline) < 0)
                .forEach(backup -> RetentionPlan.reasons(kept, backup)
                        .add("may lead to timeline %d, whose history file is missing".formatted(timeline)));
    }

    private void keepLast(Collection<BackupFact> candidates, int timeline) {
        candidates.stream().max(BY_PLACE).ifPresent(backup -> RetentionPlan.reasons(kept, backup)
                .add("the last before the recovery window on the way to timeline %d".formatted(timeline)));
    }

    /** Whether replay from this backup can come to this timeline: it was consistent before the way leaves its own. */
    static boolean leadsTo(TimelineHistory history, BackupFact backup) {
        return history.passesThrough(backup.timeline())
                && history.timelineAt(new Lsn(backup.endLsn().value() - 1)) == backup.timeline();
    }

    /** When each timeline was last written to, as far as the bucket tells. */
    private SortedMap<Integer, Instant> lastSeen() {
        SortedMap<Integer, Instant> seen = new TreeMap<>(Integer::compareUnsigned);
        for (WalFile file : wal.files()) {
            if (file.kind() != WalKind.INDEX) {
                WalRetention.timelineOf(file.name())
                        .ifPresent(timeline -> seen.merge(timeline, file.at(), WindowRetention::later));
            }
        }
        kept.keySet().forEach(backup -> seen.merge(backup.timeline(), backup.madeAt(), WindowRetention::later));
        if (!seen.isEmpty()) {
            // The cluster is on it, and its disk may hold what the bucket does not yet.
            seen.put(seen.lastKey(), Instant.MAX);
        }
        return seen;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
