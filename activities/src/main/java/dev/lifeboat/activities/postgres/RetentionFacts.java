package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that retention decides from, as read at one moment from the bucket.
 *
 * @param now     by the store's clock or this host's, whichever is earlier
 * @param dumps   every finished one, also one that is marked and still whole
 * @param backups the same of base backups, of every system identifier
 * @param wal     of every system identifier
 * @param remains marked ones of which something is gone already: no backups any more, only to be cleared away
 * @param holders runs that restore from this cluster's backups, in sentences
 * @param unclear why a run may be restoring from this cluster's dumps, in sentences: then all of them stay
 * @param doubts  why what was read may not be all that there is, or not as it says, in sentences
 */
record RetentionFacts(
        Instant now,
        List<DumpFact> dumps,
        List<BackupFact> backups,
        List<WalFact> wal,
        List<Remains> remains,
        List<String> holders,
        List<String> unclear,
        List<String> doubts) {

    Stream<Fact> facts() {
        return Stream.concat(dumps.stream(), backups.stream());
    }

    /** A finished backup, whatever its kind. */
    sealed interface Fact {
        String id();

        /** The key of its manifest. */
        String manifest();

        Instant startedAt();

        Instant endedAt();

        long bytes();

        /** How many hold its data. */
        long objects();

        @Nullable Instant provedAt();

        boolean pinned();

        /** Whether every object that its manifest names is there, as long as it says. */
        boolean whole();

        /** When the store wrote the youngest of them, by its own clock; null when none is there. */
        @Nullable Instant storedAt();

        /** When it ended by its own account or the store's, whichever is later: the clock that dated it may have been wrong. */
        default Instant madeAt() {
            Instant stored = storedAt();
            return stored != null && stored.isAfter(endedAt()) ? stored : endedAt();
        }

        /** When an earlier run marked it; null for one that is in the catalogue. */
        @Nullable Instant expiringSince();
    }

    record DumpFact(
            String id,
            String database,
            String manifest,
            Instant startedAt,
            Instant endedAt,
            long bytes,
            long objects,
            @Nullable Instant provedAt,
            boolean pinned,
            boolean whole,
            @Nullable Instant storedAt,
            @Nullable Instant expiringSince)
            implements Fact {}

    record BackupFact(
            String systemId,
            String id,
            String manifest,
            int timeline,
            Lsn startLsn,
            Lsn endLsn,
            WalSegmentSize segmentSize,
            Instant startedAt,
            Instant endedAt,
            long bytes,
            long objects,
            @Nullable Instant provedAt,
            boolean pinned,
            boolean whole,
            @Nullable Instant storedAt,
            @Nullable Instant expiringSince)
            implements Fact {

        /** The segment in which a replay onto it begins. */
        long firstSegment() {
            return segmentSize.segmentAt(timeline, startLsn).number();
        }
    }

    /** What is left of one whose deletion was begun. */
    record Remains(String kind, String id, @Nullable String database, String manifest, Instant expiringSince) {}

    /**
     * The WAL of one system identifier.
     *
     * @param histories of the timelines whose history file is in the archive and can be understood
     */
    record WalFact(String systemId, List<WalFile> files, Map<Integer, TimelineHistory> histories) {

        /** Empty when it is not known where this timeline came from. The first one comes from nowhere. */
        Optional<TimelineHistory> history(int timeline) {
            return timeline == 1
                    ? Optional.of(new TimelineHistory(1, List.of()))
                    : Optional.ofNullable(histories.get(timeline));
        }
    }

    /**
     * One object of it.
     *
     * @param name without {@code .zst} or {@code .json}
     * @param at   when it was written
     */
    record WalFile(String key, WalKind kind, String name, long bytes, Instant at) {}

    enum WalKind {
        /** A whole segment, or what was saved of one that was never finished. */
        SEGMENT,
        INDEX,
        /** History files, backup history files, and whatever nobody here has written. */
        OTHER
    }
}
