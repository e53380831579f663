package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the index objects beside the archived segments. A failure here never hinders archiving: what the index lacks is
 * read again by who needs it.
 */
final class WalIndexer {

    private static final Logger log = LoggerFactory.getLogger(WalIndexer.class);

    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final WalArchive archive;
    private final Duration pause;
    private final Map<String, Map<String, SegmentSummary>> indexes = new HashMap<>();
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    /** Segments that could not be added when they came, in the order of the log. */
    private final Set<String> owed = new ConcurrentSkipListSet<>();

    private @Nullable WalSummarizer summarizer;
    private @Nullable Queue<String> lacking;
    private FailureCode lastPause = FailureCode.UNEXPECTED_ERROR;
    private long pauseUntil = System.nanoTime();

    WalIndexer(WalArchive archive) {
        this(archive, PAUSE);
    }

    /** @param pause after a failure, during which the store is not asked */
    WalIndexer(WalArchive archive, Duration pause) {
        this.archive = archive;
        this.pause = pause;
    }

    /** To be called in the order of the log. */
    void add(String name, byte[] bytes) {
        WalSegmentHeader header = WalSegmentHeader.parse(bytes).orElse(null);
        if (header == null || !WalSegmentSize.isSegmentName(name)) {
            return;
        }
        if (isPausing()) {
            owed.add(name);
            return;
        }
        try {
            SegmentSummary summary =
                    summarize(name, bytes, header.segmentSize()).withCrc32c(WalArchive.crc32c(bytes));
            String index = WalIndex.nameFor(name);
            indexes.computeIfAbsent(index, missing -> WalIndex.read(archive, missing))
                    .put(name, summary);
            changed.add(index);
        } catch (IOException e) {
            log.warn("segment {} stays out of the index: {}", name, e.getMessage());
        } catch (RecoveryFailure e) {
            later(name, e);
        }
    }

    /** A segment that is damaged in the bucket is not asked for again and again. */
    private void later(String name, RecoveryFailure why) {
        // Nor is one that is encrypted, on a host that only backs up.
        if (why.code().kind() == FailureCode.Kind.SAFETY_STOP || DataObjects.isUnreadable(why)) {
            log.warn("segment {} stays out of the index: {}", name, why.getMessage());
            return;
        }
        owed.add(name);
        pause("segment " + name + " comes into the index later", why);
    }

    private boolean isPausing() {
        return pauseUntil - System.nanoTime() > 0;
    }

    /** The store is asked again after a moment, not with every look at what is ready. */
    private void pause(String what, RecoveryFailure why) {
        if (lastPause == why.code()) {
            log.debug("{}: {}", what, why.getMessage());
        } else {
            log.warn("{}: {} ({})", what, why.getMessage(), why.hint());
        }
        lastPause = why.code();
        pauseUntil = System.nanoTime() + pause.toNanos();
    }

    /** Whether something is known that is not in the bucket's index, or is still to be learned for it. */
    boolean owes() {
        return !changed.isEmpty() || !owed.isEmpty();
    }

    /**
     * Sums up one segment that the index lacks, or of which it says less than is asked today.
     *
     * @return false when there was none left; what is archived from then on is added as it comes
     */
    boolean catchUp() {
        if (isPausing()) {
            return true;
        }
        @Nullable String name = null;
        try {
            name = next();
            if (name == null) {
                flush();
                return owes();
            }
            learn(name);
        } catch (RecoveryFailure e) {
            if (name == null) {
                pause("the index of " + archive.cluster() + " is completed later", e);
            } else {
                later(name, e);
            }
        }
        return true;
    }

    private void learn(String name) {
        SegmentSummary before = stored(name);
        boolean pending = changed.contains(WalIndex.nameFor(name));
        add(name, archive.read(name).orElse(new byte[0]));
        if (!pending && Objects.equals(stored(name), before)) {
            // Nothing new could be learned, as of the very first segment, whose beginning nobody has.
            changed.remove(WalIndex.nameFor(name));
        }
    }

    private @Nullable String next() {
        String name = lacking().poll();
        if (name == null) {
            name = owed.stream().findFirst().orElse(null);
        }
        if (name != null) {
            owed.remove(name);
        }
        return name;
    }

    private Queue<String> lacking() {
        Queue<String> known = lacking;
        if (known == null) {
            known = archive.names().values().stream()
                    .flatMap(Set::stream)
                    .filter(WalSegmentSize::isSegmentName)
                    .filter(this::isLacking)
                    .collect(Collectors.toCollection(ArrayDeque::new));
            indexes.keySet().retainAll(changed);
            lacking = known;
        }
        return known;
    }

    private boolean isLacking(String name) {
        SegmentSummary summary = stored(name);
        return summary == null || !summary.complete() || summary.crc32c() == null;
    }

    private @Nullable SegmentSummary stored(String name) {
        return indexes.computeIfAbsent(WalIndex.nameFor(name), missing -> WalIndex.read(archive, missing))
                .get(name);
    }

    /** Writes what changed. */
    void flush() {
        if (isPausing()) {
            return;
        }
        try {
            for (String index : Set.copyOf(changed)) {
                WalIndex.write(archive, index, indexes.getOrDefault(index, Map.of()));
                changed.remove(index);
                lastPause = FailureCode.UNEXPECTED_ERROR;
                if (indexes.size() > 4) {
                    indexes.remove(index);
                }
            }
        } catch (RecoveryFailure e) {
            pause("the index of " + archive.cluster() + " is written later", e);
        }
    }

    private SegmentSummary summarize(String name, byte[] bytes, WalSegmentSize size) throws IOException {
        WalSegment segment = size.parse(name);
        WalSummarizer current = summarizer == null ? new WalSummarizer(size) : summarizer;
        summarizer = current;
        if (!current.continuesWith(segment)) {
            current.restart();
            if (segment.number() > 0) {
                prime(current, size, before(segment, size));
            }
        }
        return current.summarize(segment, new ByteArrayInputStream(bytes));
    }

    /** The segment that ends where this one begins: of the timeline that it came from, where its own begins in it. */
    private WalSegment before(WalSegment segment, WalSegmentSize size) {
        WalSegment earlier = new WalSegment(segment.timeline(), segment.number() - 1);
        Lsn lastByte = new Lsn(size.endOf(earlier).value() - 1);
        return archive.read("%08X.history".formatted(segment.timeline()))
                .map(text -> TimelineHistory.parse(segment.timeline(), new String(text, StandardCharsets.UTF_8)))
                .map(history -> earlier.on(history.timelineAt(lastByte)))
                .orElse(earlier);
    }

    /** A record that ends in the next segment may begin in this one. */
    private void prime(WalSummarizer current, WalSegmentSize size, WalSegment before) throws IOException {
        try (InputStream earlier = archive.open(size.nameOf(before))) {
            current.summarize(before, earlier);
        } catch (RecoveryFailure e) {
            log.debug("segment {} is not at hand: {}", size.nameOf(before), e.getMessage());
        }
    }
}
