package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.TargetLocator.Found;
import dev.lifeboat.activities.postgres.WalReader.TablespaceCreated;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.ClockStep;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts.Creation;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All WAL that can be had at one moment, from the bucket and, read only, from a live {@code pg_wal}. Made for one
 * question and thrown away: it keeps what it read.
 */
final class WalCatalog {

    static final Comparator<WalSegment> ORDER = Comparator.<WalSegment, Integer>comparing(
                    WalSegment::timeline, Integer::compareUnsigned)
            .thenComparing(WalSegment::number);

    private final WalArchive archive;
    private final WalSegmentSize size;
    private final WalSources sources;
    private final NavigableMap<WalSegment, SegmentSummary> summaries = new TreeMap<>(ORDER);
    /** As far as the index knows them. */
    private final Map<WalSegment, SegmentSummary> incomplete = new HashMap<>();

    /** @param liveWal the live {@code pg_wal}; null when there is none or it shall not count */
    WalCatalog(WalArchive archive, WalSegmentSize size, @Nullable Path liveWal) {
        this.archive = archive;
        this.size = size;
        this.sources = new WalSources(archive, size, liveWal);
        takeIndexes();
        readTheRest();
    }

    /** Every timeline with WAL or a history, by number. */
    List<TimelineFacts> timelines() {
        TreeSet<Integer> numbers = new TreeSet<>(Integer::compareUnsigned);
        summaries.keySet().forEach(segment -> numbers.add(segment.timeline()));
        numbers.addAll(sources.histories().keySet());
        return numbers.stream().map(this::facts).toList();
    }

    /**
     * Where recovery would stop, on each timeline on whose own part that is, and of a time each time. A restore point whose
     * name was used more than once is taken to be the newest of that name, on the way to each timeline. Nothing for {@code immediate}, which lies where a base backup
     * ends.
     */
    List<TargetLocation> locate(RecoveryTarget target, boolean exclusive) {
        return find(target, exclusive).locations();
    }

    /** The same, with where the log comes back to before a time that it had passed. */
    Found find(RecoveryTarget target, boolean exclusive) {
        List<TargetLocation> locations = new ArrayList<>();
        List<ClockStep> returns = new ArrayList<>();
        for (TimelineFacts timeline : timelines()) {
            if (timeline.history() != null) {
                Found found = new TargetLocator(path(timeline.history()), sources, size).find(target, exclusive);
                found.locations().stream()
                        .filter(location -> locations.stream().noneMatch(location::isSamePlace))
                        .forEach(locations::add);
                returns.addAll(found.returns());
            }
        }
        return new Found(List.copyOf(locations), List.copyOf(returns));
    }

    /** Where the clock of the server's host went back, each on the timeline that it is on. */
    List<ClockStep> clockSteps() {
        return timelines().stream()
                .map(TimelineFacts::history)
                .filter(Objects::nonNull)
                .flatMap(history -> TimePassages.steps(path(history), size).stream())
                .toList();
    }

    /** Every tablespace that was made outside of the data directory, each on the timeline that its record belongs to. */
    List<Creation> tablespacesCreated() {
        Set<Creation> found = new LinkedHashSet<>();
        summaries.forEach((segment, summary) -> {
            TimelineHistory history = history(segment.timeline());
            for (TablespaceCreated each : summary.tablespacesCreated()) {
                // A segment in which a timeline was left begins with a copy of what its ancestor holds.
                int timeline = history == null ? segment.timeline() : history.timelineAt(each.start());
                found.add(new Creation(timeline, each.start(), each.end(), each.oid(), each.location()));
            }
        });
        return List.copyOf(found);
    }

    /** The last segment that the bucket holds. */
    Optional<WalSegment> newestArchived() {
        return sources.archived().isEmpty()
                ? Optional.empty()
                : Optional.of(sources.archived().last());
    }

    /** What a recovery along a timeline would read. */
    WalPath path(TimelineHistory history) {
        return new WalPath(history, size, summaries);
    }

    private TimelineFacts facts(int timeline) {
        List<SegmentSummary> own = summaries.entrySet().stream()
                .filter(entry -> entry.getKey().timeline() == timeline)
                .map(Map.Entry::getValue)
                .toList();
        return new TimelineFacts(
                timeline,
                history(timeline),
                available(timeline),
                own.stream()
                        .map(SegmentSummary::firstCommitAt)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null),
                own.stream()
                        .map(SegmentSummary::lastCommitAt)
                        .filter(Objects::nonNull)
                        .reduce((first, second) -> second)
                        .orElse(null),
                own.stream()
                        .map(SegmentSummary::end)
                        .filter(Objects::nonNull)
                        .max(Comparator.naturalOrder())
                        .orElse(null));
    }

    private @Nullable TimelineHistory history(int timeline) {
        return timeline == 1
                ? new TimelineHistory(1, List.of())
                : sources.histories().get(timeline);
    }

    private List<SegmentRange> available(int timeline) {
        List<SegmentRange> ranges = new ArrayList<>(WalArchive.ranges(numbers(sources.archived(), timeline), "bucket"));
        List<Long> live = numbers(sources.liveOnly(), timeline).stream()
                .filter(number -> {
                    SegmentSummary summary = summaries.get(new WalSegment(timeline, number));
                    return summary != null && summary.whole();
                })
                .toList();
        ranges.addAll(WalArchive.ranges(live, "live"));
        ranges.sort(Comparator.comparing(SegmentRange::from));
        return List.copyOf(ranges);
    }

    private static List<Long> numbers(Iterable<WalSegment> segments, int timeline) {
        List<Long> numbers = new ArrayList<>();
        for (WalSegment segment : segments) {
            if (segment.timeline() == timeline) {
                numbers.add(segment.number());
            }
        }
        return numbers;
    }

    private void takeIndexes() {
        Map<String, Map<String, SegmentSummary>> indexes = new HashMap<>();
        for (WalSegment segment : sources.archived()) {
            String name = size.nameOf(segment);
            SegmentSummary summary = indexes.computeIfAbsent(
                            WalIndex.nameFor(name), index -> WalIndex.read(archive, index))
                    .get(name);
            if (summary != null && summary.complete()) {
                summaries.put(segment, summary);
            } else if (summary != null) {
                incomplete.put(segment, summary);
            }
        }
    }

    private void readTheRest() {
        WalSummarizer summarizer = new WalSummarizer(size);
        TreeSet<WalSegment> missing = new TreeSet<>(ORDER);
        missing.addAll(sources.archived());
        missing.removeAll(summaries.keySet());
        missing.addAll(sources.liveOnly());
        missing.addAll(sources.unfinished());
        for (WalSegment segment : missing) {
            if (!summarizer.continuesWith(segment)) {
                beginBefore(summarizer, segment);
            }
            read(summarizer, segment)
                    .filter(summary -> summary.whole() || summary.end() != null)
                    .ifPresent(summary -> summaries.put(segment, summary));
        }
    }

    private void beginBefore(WalSummarizer summarizer, WalSegment segment) {
        summarizer.restart();
        before(segment).ifPresent(earlier -> read(summarizer, earlier));
    }

    /** The segment that ends where this one begins, on the same timeline or on the one that it came from. */
    private Optional<WalSegment> before(WalSegment segment) {
        if (segment.number() == 0) {
            return Optional.empty();
        }
        WalSegment earlier = new WalSegment(segment.timeline(), segment.number() - 1);
        if (sources.archived().contains(earlier) || sources.liveOnly().contains(earlier)) {
            return Optional.of(earlier);
        }
        TimelineHistory history = history(segment.timeline());
        if (history == null) {
            return Optional.empty();
        }
        WalSegment inherited =
                earlier.on(history.timelineAt(new Lsn(size.endOf(earlier).value() - 1)));
        return Optional.of(inherited)
                .filter(found ->
                        sources.archived().contains(found) || sources.liveOnly().contains(found));
    }

    /**
     * What can be known of a segment. One that is encrypted on a host without the key for it is as the index says, or as
     * the live disk has it; a plan says that it cannot be replayed here.
     */
    private Optional<SegmentSummary> read(WalSummarizer summarizer, WalSegment segment) {
        try {
            return readIntact(summarizer, segment);
        } catch (RecoveryFailure e) {
            if (!DataObjects.isUnreadable(e)) {
                throw e;
            }
            summarizer.restart();
            return Optional.ofNullable(incomplete.get(segment)).or(() -> live(segment));
        }
    }

    private Optional<SegmentSummary> live(WalSegment segment) {
        try (InputStream bytes = sources.openLive(segment)) {
            return Optional.of(new WalSummarizer(size).summarize(segment, bytes));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** From another copy, where the one in the archive is not intact. */
    private Optional<SegmentSummary> readIntact(WalSummarizer summarizer, WalSegment segment) {
        List<String> others = new ArrayList<>();
        try {
            Optional<SegmentSummary> found = readOnce(summarizer, segment);
            if (found.isEmpty()
                    || found.get().whole()
                    || !sources.replace(segment, "its WAL ends in the middle", others)) {
                return found;
            }
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            if (!sources.replace(segment, why, others)) {
                throw sources.damaged(segment, why, others);
            }
        }
        beginBefore(summarizer, segment);
        try {
            return readOnce(summarizer, segment);
        } catch (IOException e) {
            throw sources.damaged(segment, String.valueOf(e.getMessage()), List.of());
        }
    }

    private Optional<SegmentSummary> readOnce(WalSummarizer summarizer, WalSegment segment) throws IOException {
        Optional<InputStream> opened = sources.open(segment);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream bytes = opened.get()) {
            return Optional.of(summarizer.summarize(segment, bytes));
        }
    }
}
