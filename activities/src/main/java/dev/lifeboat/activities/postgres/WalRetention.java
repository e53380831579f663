package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.RetentionFacts.BackupFact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFile;
import dev.lifeboat.activities.postgres.RetentionFacts.WalKind;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which WAL of one system identifier goes: segments that no kept base backup can ever need and that are older than the oldest
 * of them by the time that was asked for, and the indexes of nothing but such. All else stays: history files, backup history
 * files, and what is not understood.
 *
 * @param going oldest place in the log first, indexes last
 * @param kept  everything else, in the order of keys
 * @param why   why those go; or, when none may, why not
 */
record WalRetention(String systemId, List<WalFile> going, List<WalFile> kept, String why) {

    private static final int SEGMENT_DIGITS = 24;

    /** @param backups those that are kept */
    static WalRetention decide(
            WalFact wal, List<BackupFact> backups, Instant now, Duration beyondOldest, Duration grace) {
        Optional<BackupFact> oldest = backups.stream().min(Comparator.comparing(BackupFact::startedAt));
        if (oldest.isEmpty()) {
            return new WalRetention(
                    wal.systemId(), List.of(), wal.files(), "no base backup tells what of it is needed");
        }
        long sizes = backups.stream().map(BackupFact::segmentSize).distinct().count();
        if (sizes > 1) {
            return new WalRetention(
                    wal.systemId(), List.of(), wal.files(), "its base backups disagree about the size of a segment");
        }
        Instant cut = earlier(oldest.get().startedAt().minus(beyondOldest), now.minus(grace));
        return new Decision(wal, backups, oldest.get(), cut).decide();
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    /** Of anything that begins with eight digits of a timeline. */
    static OptionalInt timelineOf(String name) {
        return name.matches("[0-9A-F]{8}.*")
                ? OptionalInt.of(Integer.parseUnsignedInt(name.substring(0, 8), 16))
                : OptionalInt.empty();
    }

    private static final class Decision {

        private final WalFact wal;
        private final List<BackupFact> backups;
        private final BackupFact oldest;
        private final Instant cut;
        private final WalSegmentSize size;

        Decision(WalFact wal, List<BackupFact> backups, BackupFact oldest, Instant cut) {
            this.wal = wal;
            this.backups = backups;
            this.oldest = oldest;
            this.cut = cut;
            this.size = oldest.segmentSize();
        }

        WalRetention decide() {
            List<WalFile> segments = new ArrayList<>();
            List<WalFile> indexes = new ArrayList<>();
            List<WalFile> kept = new ArrayList<>();
            Set<String> indexesInUse = new HashSet<>();
            for (WalFile file : wal.files()) {
                if (file.kind() == WalKind.SEGMENT && mayGo(file)) {
                    segments.add(file);
                } else if (file.kind() == WalKind.INDEX) {
                    indexes.add(file);
                } else {
                    kept.add(file);
                    if (file.kind() == WalKind.SEGMENT) {
                        indexesInUse.add(WalIndex.nameFor(file.name()));
                    }
                }
            }
            indexes.removeIf(index -> {
                boolean stays = indexesInUse.contains(index.name()) || !describesNothingNeeded(index);
                if (stays) {
                    kept.add(index);
                }
                return stays;
            });
            segments.sort(
                    Comparator.<WalFile>comparingLong(file -> segment(file).number())
                            .thenComparing(WalFile::name));
            segments.addAll(indexes);
            kept.sort(Comparator.comparing(WalFile::key));
            return new WalRetention(
                    wal.systemId(),
                    List.copyOf(segments),
                    List.copyOf(kept),
                    "no kept base backup needs it, the oldest being %s, and it is from before %s"
                            .formatted(oldest.id(), cut));
        }

        private boolean mayGo(WalFile file) {
            return file.at().isBefore(cut) && backups.stream().noneMatch(backup -> mayNeed(backup, segment(file)));
        }

        /** Of every segment that it may describe, whether there is one in the archive or not. */
        private boolean describesNothingNeeded(WalFile index) {
            long perLog = (1L << 32) / size.bytes();
            WalSegment first = size.parse(index.name() + "00000000");
            for (long number = first.number(); number < first.number() + perLog; number++) {
                WalSegment each = new WalSegment(first.timeline(), number);
                if (backups.stream().anyMatch(backup -> mayNeed(backup, each))) {
                    return false;
                }
            }
            return index.at().isBefore(cut);
        }

        /** Whether a replay onto this backup may come to read this segment, on whatever way; true where it is not known. */
        private boolean mayNeed(BackupFact backup, WalSegment segment) {
            if (segment.number() < backup.firstSegment()) {
                return false;
            }
            if (segment.timeline() == backup.timeline()) {
                return true;
            }
            if (Integer.compareUnsigned(segment.timeline(), backup.timeline()) > 0) {
                return wal.history(segment.timeline())
                        .map(history -> WindowRetention.leadsTo(history, backup))
                        .orElse(true);
            }
            // An ancestor's copy counts where the way left it inside of the segment, or later.
            return wal.history(backup.timeline())
                    .map(history -> isBeforeTheWayLeft(history, segment))
                    .orElse(true);
        }

        private boolean isBeforeTheWayLeft(TimelineHistory history, WalSegment segment) {
            return history.forks().stream()
                    .filter(fork -> fork.timeline() == segment.timeline())
                    .anyMatch(fork -> size.startOf(segment).isBefore(fork.end()));
        }

        private WalSegment segment(WalFile file) {
            return size.parse(file.name().substring(0, SEGMENT_DIGITS));
        }
    }
}
