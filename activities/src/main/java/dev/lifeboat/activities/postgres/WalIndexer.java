package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
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

    private final WalArchive archive;
    private final Map<String, Map<String, SegmentSummary>> indexes = new HashMap<>();
    private final Set<String> changed = new HashSet<>();
    private @Nullable WalSummarizer summarizer;
    private @Nullable Queue<String> lacking;

    WalIndexer(WalArchive archive) {
        this.archive = archive;
    }

    /** To be called in the order of the log. */
    void add(String name, byte[] bytes) {
        WalSegmentHeader header = WalSegmentHeader.parse(bytes).orElse(null);
        if (header == null || !WalSegmentSize.isSegmentName(name)) {
            return;
        }
        try {
            SegmentSummary summary = summarize(name, bytes, header.segmentSize());
            String index = WalIndex.nameFor(name);
            indexes.computeIfAbsent(index, missing -> WalIndex.read(archive, missing))
                    .put(name, summary);
            changed.add(index);
        } catch (IOException | RecoveryFailure e) {
            log.warn("segment {} stays out of the index for now: {}", name, e.getMessage());
        }
    }

    /**
     * Sums up one segment that the index lacks, or of which it says less than is asked today.
     *
     * @return false when there was none left; what is archived from then on is added as it comes
     */
    boolean catchUp() {
        try {
            String name = lacking().poll();
            if (name == null) {
                flush();
                return false;
            }
            SegmentSummary before = stored(name);
            boolean pending = changed.contains(WalIndex.nameFor(name));
            add(name, archive.read(name).orElse(new byte[0]));
            if (!pending && Objects.equals(stored(name), before)) {
                // Nothing new could be learned, as of the very first segment, whose beginning nobody has.
                changed.remove(WalIndex.nameFor(name));
            }
        } catch (RecoveryFailure e) {
            log.debug("the index of {} is completed later: {}", archive.cluster(), e.getMessage());
        }
        return true;
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
        return summary == null || !summary.complete();
    }

    private @Nullable SegmentSummary stored(String name) {
        return indexes.computeIfAbsent(WalIndex.nameFor(name), missing -> WalIndex.read(archive, missing))
                .get(name);
    }

    /** Writes what changed. */
    void flush() {
        try {
            for (String index : Set.copyOf(changed)) {
                WalIndex.write(archive, index, indexes.getOrDefault(index, Map.of()));
                changed.remove(index);
                if (indexes.size() > 4) {
                    indexes.remove(index);
                }
            }
        } catch (RecoveryFailure e) {
            log.debug("the index of {} is written later: {}", archive.cluster(), e.getMessage());
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
