package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The index object beside the segments whose names begin with the same 16 digits. It saves reading WAL when minutes
 * count; what is missing in it is found by reading, so it may be lost.
 */
record WalIndex(int format, List<SegmentSummary> segments) {

    private static final int FORMAT = 1;

    static String nameFor(String segment) {
        return segment.substring(0, 16);
    }

    /** The summaries in the bucket by segment name; empty when there is no such object or it is not readable. */
    static Map<String, SegmentSummary> read(WalArchive archive, String indexName) {
        ObjectStore store = archive.store();
        String key = BucketLayout.walIndex(archive.cluster(), archive.systemId(), indexName);
        Map<String, SegmentSummary> found = new TreeMap<>();
        try {
            WalIndex index = Json.read(store.readAll(key), WalIndex.class, store.addressOf(key));
            index.segments().forEach(summary -> found.put(summary.name(), summary));
        } catch (RecoveryFailure e) {
            if (e.code() != FailureCode.OBJECT_MISSING && e.code() != FailureCode.UNEXPECTED_STATE) {
                throw e;
            }
        }
        return found;
    }

    static void write(WalArchive archive, String indexName, Map<String, SegmentSummary> summaries) {
        List<SegmentSummary> sorted = summaries.values().stream()
                .sorted(Comparator.comparing(SegmentSummary::name))
                .toList();
        archive.store()
                .put(
                        BucketLayout.walIndex(archive.cluster(), archive.systemId(), indexName),
                        Json.write(new WalIndex(FORMAT, sorted)));
    }
}
