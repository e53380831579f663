package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.RetentionFacts.BackupFact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFile;
import dev.lifeboat.activities.postgres.RetentionFacts.WalKind;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * The life of a cluster as its bucket sees it, made by chance: it writes WAL, is backed up, is recovered to some place of its
 * past and goes on there; segments, history files and parts of backups get lost now and then, and clocks are wrong. And,
 * independently of how retention decides, what can be recovered from a set of backups and a set of segments.
 */
final class WalStory {

    static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    static final WalSegmentSize SIZE = new WalSegmentSize(1L << 20);

    /** A place in the log that was there at a time. */
    record Point(int timeline, Lsn lsn, Instant time) {}

    private final Random random;
    private final List<BackupFact> backups = new ArrayList<>();
    private final List<WalFile> files = new ArrayList<>();
    private final List<Point> points = new ArrayList<>();
    private final Map<Integer, TimelineHistory> histories = new TreeMap<>();
    private final Map<Integer, TimelineHistory> known = new HashMap<>();
    private final Map<Integer, Lsn> ends = new TreeMap<>();
    private int timeline = 1;
    private Lsn at = new Lsn(3 * SIZE.bytes());
    private Instant now = BEGIN;

    WalStory(long seed, int events) {
        this.random = new Random(seed);
        histories.put(1, new TimelineHistory(1, List.of()));
        for (int i = 0; i < events; i++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> write();
                case 3, 4, 5 -> {
                    write();
                    backUp();
                }
                case 6 -> now = now.plus(Duration.ofHours(random.nextInt(60)));
                default -> recover();
            }
        }
        write();
    }

    Instant end() {
        return now;
    }

    List<Point> points() {
        return points;
    }

    RetentionFacts facts(Instant at) {
        return facts(at, backups, files);
    }

    RetentionFacts facts(Instant at, List<BackupFact> some, List<WalFile> someFiles) {
        return new RetentionFacts(
                at,
                List.of(),
                List.copyOf(some),
                List.of(new WalFact("7", List.copyOf(someFiles), Map.copyOf(known))),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private void write() {
        int bytes = 1 + random.nextInt((int) (3 * SIZE.bytes()));
        long first = segment(at);
        at = at.plus(bytes);
        now = now.plus(Duration.ofMinutes(10 + random.nextInt(3000)));
        ends.put(timeline, at);
        points.add(new Point(timeline, at, now));
        for (long number = first; number < segment(at); number++) {
            archive(number);
        }
    }

    private void archive(long number) {
        String name = SIZE.nameOf(new WalSegment(timeline, number));
        if (random.nextInt(40) > 0) {
            files.add(new WalFile(name, WalKind.SEGMENT, name, 10, now));
        }
        String index = name.substring(0, 16);
        files.removeIf(file -> file.kind() == WalKind.INDEX && file.name().equals(index));
        files.add(new WalFile(index + ".json", WalKind.INDEX, index, 1, now));
    }

    private void backUp() {
        Lsn start = at;
        Instant began = now;
        write();
        String id = "b%03d".formatted(backups.size());
        Duration wrong = Duration.ofDays(
                switch (random.nextInt(15)) {
                    case 0 -> 400;
                    case 1 -> -100;
                    default -> 0;
                });
        backups.add(new BackupFact(
                "7",
                id,
                id + "/manifest.json",
                timeline,
                start,
                at,
                SIZE,
                began.plus(wrong),
                now.plus(wrong),
                100,
                1,
                random.nextInt(5) == 0 ? now.plusSeconds(60) : null,
                random.nextInt(12) == 0,
                random.nextInt(10) > 0,
                now,
                null));
    }

    private void recover() {
        List<Integer> all = List.copyOf(ends.keySet());
        if (all.isEmpty()) {
            return;
        }
        saveTheUnfinished();
        int from = all.get(random.nextInt(all.size()));
        Lsn begin = ownBegin(from);
        long length = of(ends, from).value() - begin.value();
        Lsn fork = begin.plus(length - random.nextInt((int) Math.min(length, 5 * SIZE.bytes())));
        int next = histories.keySet().stream().max(Integer::compare).orElseThrow() + 1;
        List<TimelineHistory.Fork> forks = new ArrayList<>(of(histories, from).forks());
        forks.add(new TimelineHistory.Fork(from, fork));
        TimelineHistory history = new TimelineHistory(next, List.copyOf(forks));
        histories.put(next, history);
        timeline = next;
        at = fork;
        now = now.plus(Duration.ofHours(1));
        String name = "%08X.history".formatted(next);
        if (random.nextInt(10) > 0) {
            known.put(next, history);
            files.add(new WalFile(name, WalKind.OTHER, name, 1, now));
        }
    }

    /** As a recovery does before it leaves a branch. */
    private void saveTheUnfinished() {
        if (at.value() % SIZE.bytes() != 0) {
            String name = SIZE.nameOf(new WalSegment(timeline, segment(at))) + ".0a0a0a0a.partial";
            files.add(new WalFile(name, WalKind.SEGMENT, name, 5, now));
        }
    }

    private Lsn ownBegin(int of) {
        List<TimelineHistory.Fork> forks = of(histories, of).forks();
        return forks.isEmpty()
                ? new Lsn(SIZE.bytes())
                : forks.get(forks.size() - 1).end();
    }

    private static <T> T of(Map<Integer, T> known, int number) {
        return Objects.requireNonNull(known.get(number));
    }

    private static long segment(Lsn lsn) {
        return SIZE.segmentAt(1, lsn).number();
    }

    /** The points that can be recovered to from these backups and this WAL, byte by byte along the way. */
    Set<Point> reachable(Collection<BackupFact> from, Collection<WalFile> wal) {
        Set<String> names = new HashSet<>();
        wal.forEach(file -> names.add(file.name()));
        Set<Point> reachable = new HashSet<>();
        for (Point point : points) {
            TimelineHistory history = point.timeline() == 1 ? histories.get(1) : known.get(point.timeline());
            if (history != null
                    && from.stream()
                            .filter(BackupFact::whole)
                            .anyMatch(backup -> leads(history, backup, point, names))) {
                reachable.add(point);
            }
        }
        return reachable;
    }

    private boolean leads(TimelineHistory history, BackupFact backup, Point point, Set<String> names) {
        boolean onTheWay = history.timelineAt(backup.endLsn().plus(-1)) == backup.timeline()
                && !backup.endLsn().isAfter(point.lsn());
        if (!onTheWay) {
            return false;
        }
        for (long number = segment(backup.startLsn()); number < segment(point.lsn()); number++) {
            Lsn last = new Lsn((number + 1) * SIZE.bytes() - 1);
            if (!names.contains(SIZE.nameOf(new WalSegment(history.timelineAt(last), number)))) {
                return false;
            }
        }
        return point.timeline() == timeline || isSaved(point, names);
    }

    /** The last segment of the branch that the cluster is on is on its disk; of others it was saved. */
    private static boolean isSaved(Point point, Set<String> names) {
        if (point.lsn().value() % SIZE.bytes() == 0) {
            return true;
        }
        String last = SIZE.nameOf(new WalSegment(point.timeline(), segment(point.lsn())));
        return names.stream().anyMatch(name -> name.startsWith(last));
    }
}
