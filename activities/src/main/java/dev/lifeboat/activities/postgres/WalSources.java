package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where each segment can be had at one moment: in the bucket, only in a live {@code pg_wal}, which is never written to, or
 * only as what was saved of it before it was finished. The live folder is listed first: what leaves it meanwhile has reached the bucket.
 */
final class WalSources {

    private final WalArchive archive;
    private final WalSegmentSize size;
    private final @Nullable Path live;
    private final NavigableSet<WalSegment> archived = new TreeSet<>(WalCatalog.ORDER);
    private final NavigableSet<WalSegment> liveOnly = new TreeSet<>(WalCatalog.ORDER);
    private final SortedMap<WalSegment, List<String>> unfinished = new TreeMap<>(WalCatalog.ORDER);
    private final SortedMap<Integer, TimelineHistory> histories = new TreeMap<>();
    private final IntactCopies copies;
    private final Map<WalSegment, IntactCopies.Copy> replaced = new HashMap<>();

    WalSources(WalArchive archive, WalSegmentSize size, @Nullable Path live) {
        this.archive = archive;
        this.size = size;
        this.live = live;
        this.copies = new IntactCopies(archive, size, live);
        SortedSet<String> liveNames = liveNames();
        archive.names().forEach((timeline, names) -> {
            names.stream()
                    .filter(WalSegmentSize::isSegmentName)
                    .map(size::parse)
                    .forEach(archived::add);
            names.stream().filter(name -> name.endsWith(".history")).forEach(this::addHistory);
            names.stream().filter(WalArchive::isUnfinished).forEach(this::addUnfinished);
        });
        for (String name : liveNames) {
            if (WalSegmentSize.isSegmentName(name)) {
                WalSegment segment = size.parse(name);
                if (!archived.contains(segment)) {
                    liveOnly.add(segment);
                }
            } else {
                histories.computeIfAbsent(timelineOf(name), timeline -> parse(timeline, readLive(name)));
            }
        }
        unfinished.keySet().removeAll(archived);
        unfinished.keySet().removeAll(liveOnly);
    }

    NavigableSet<WalSegment> archived() {
        return archived;
    }

    /** Files with the name of a segment that the bucket does not hold; some may be recycled ones with old bytes. */
    NavigableSet<WalSegment> liveOnly() {
        return liveOnly;
    }

    /** Segments of which there is nothing but what was saved before they were finished: the end of a branch that was left. */
    Set<WalSegment> unfinished() {
        return unfinished.keySet();
    }

    SortedMap<Integer, TimelineHistory> histories() {
        return histories;
    }

    /**
     * From here on another copy of an archived segment is opened, an intact one.
     *
     * @param why    the one in the archive is none
     * @param others told of each copy that is none either
     * @return false when there is none, or it was replaced before
     */
    boolean replace(WalSegment segment, String why, List<String> others) {
        if (!archived.contains(segment) || replaced.containsKey(segment)) {
            return false;
        }
        Optional<IntactCopies.Found> found = copies.find(segment, others);
        found.ifPresent(copy -> {
            replaced.put(segment, copy.copy());
            Transcript.note("reads WAL segment %s from %s, since in the archive it is not intact: %s"
                    .formatted(size.nameOf(segment), copy.where(), why));
        });
        return found.isPresent();
    }

    /**
     * Empty when the segment cannot be had any more.
     *
     * @throws IOException also when what is archived under this name does not belong there
     */
    Optional<InputStream> open(WalSegment segment) throws IOException {
        String name = size.nameOf(segment);
        IntactCopies.Copy copy = replaced.get(segment);
        if (copy != null) {
            return Optional.of(copy.open());
        }
        if (live != null && liveOnly.contains(segment)) {
            try {
                return Optional.of(Files.newInputStream(live.resolve(name)));
            } catch (NoSuchFileException e) {
                // Archived and removed since it was listed.
            }
        }
        try {
            List<String> saved = unfinished.getOrDefault(segment, List.of());
            return Optional.of(
                    copies.checked(name, archive.open(archive.longest(saved).orElse(name))));
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.OBJECT_MISSING) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Of the live {@code pg_wal}, whatever the archive holds. */
    InputStream openLive(WalSegment segment) throws IOException {
        if (live == null) {
            throw new NoSuchFileException("there is no live pg_wal");
        }
        String name = size.nameOf(segment);
        return copies.checked(name, Files.newInputStream(live.resolve(name)));
    }

    private SortedSet<String> liveNames() {
        SortedSet<String> names = new TreeSet<>();
        if (live == null || !Files.isDirectory(live)) {
            return names;
        }
        try (Stream<Path> files = Files.list(live)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> WalSegmentSize.isSegmentName(name) || name.matches("[0-9A-F]{8}\\.history"))
                    .forEach(names::add);
        } catch (IOException e) {
            throw unreadable(e);
        }
        return names;
    }

    private void addUnfinished(String name) {
        unfinished
                .computeIfAbsent(size.parse(name.substring(0, 24)), segment -> new ArrayList<>())
                .add(name);
    }

    private void addHistory(String name) {
        archive.read(name).ifPresent(bytes -> {
            int timeline = timelineOf(name);
            histories.put(timeline, parse(timeline, bytes));
        });
    }

    private byte[] readLive(String name) {
        try {
            return live == null ? new byte[0] : Files.readAllBytes(live.resolve(name));
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private RecoveryFailure unreadable(IOException cause) {
        return new RecoveryFailure(
                FailureCode.IO_FAILED,
                "cannot read the live WAL in %s: %s".formatted(live, cause.getMessage()),
                "check that the worker's user may read it",
                cause);
    }

    /** @param others what else was tried; empty for what only the live disk holds */
    RecoveryFailure damaged(WalSegment segment, String why, List<String> others) {
        return new RecoveryFailure(
                FailureCode.WAL_DAMAGED,
                "cannot read WAL segment %s: %s%s"
                        .formatted(
                                size.nameOf(segment),
                                why,
                                others.isEmpty()
                                        ? ""
                                        : "; no other copy of it is intact: " + String.join("; ", others)),
                "put an intact copy of it there, from a standby or an older version of the object");
    }

    private static TimelineHistory parse(int timeline, byte[] text) {
        return TimelineHistory.parse(timeline, new String(text, java.nio.charset.StandardCharsets.UTF_8));
    }

    private static int timelineOf(String name) {
        return Integer.parseUnsignedInt(name.substring(0, 8), 16);
    }
}
