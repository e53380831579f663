package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.SegmentSummary.NamedPoint;
import dev.lifeboat.activities.postgres.WalReader.Listener;
import dev.lifeboat.activities.postgres.WalReader.Reading;
import dev.lifeboat.activities.postgres.WalReader.RestorePoint;
import dev.lifeboat.activities.postgres.WalReader.TablespaceCreated;
import dev.lifeboat.activities.postgres.WalReader.TransactionEnd;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads segments, best one after the other, and sums each of them up. */
final class WalSummarizer {

    private final WalSegmentSize size;
    private final WalReader reader;
    private Totals totals = new Totals();

    WalSummarizer(WalSegmentSize size) {
        this.size = size;
        this.reader = new WalReader(size, new Listener() {
            @Override
            public void record(long start, long end) {
                totals.end = end;
            }

            @Override
            public void transactionEnd(TransactionEnd transaction) {
                totals.add(transaction);
            }

            @Override
            public void restorePoint(RestorePoint point) {
                totals.points.add(new NamedPoint(point.name(), point.time(), point.end()));
            }

            @Override
            public void tablespaceCreated(TablespaceCreated created) {
                totals.tablespaces.add(created);
            }
        });
    }

    /** Whether the next segment can be summed up without the one before it. */
    boolean continuesWith(WalSegment segment) {
        return reader.continuesWith(segment);
    }

    /** What comes next does not go on where the last one ended, whatever its address says. */
    void restart() {
        reader.restart();
    }

    SegmentSummary summarize(WalSegment segment, InputStream bytes) throws IOException {
        totals = new Totals();
        Reading reading = reader.read(segment, bytes);
        return new SegmentSummary(
                        size.nameOf(segment),
                        reading.whole(),
                        reading.headUnseen(),
                        totals.end == 0 ? null : new Lsn(totals.end),
                        totals.transactions,
                        totals.firstCommit,
                        totals.lastCommit,
                        totals.latestEnd,
                        totals.transactions == 0 ? 0 : totals.minXid,
                        totals.maxXid,
                        List.copyOf(totals.points),
                        List.copyOf(totals.tablespaces))
                .withEarliestCommitAt(totals.earliestCommit);
    }

    private static final class Totals {
        private long end;
        private int transactions;
        private @Nullable Instant firstCommit;
        private @Nullable Instant lastCommit;
        private @Nullable Instant earliestCommit;
        private @Nullable Instant latestEnd;
        private long minXid = Long.MAX_VALUE;
        private long maxXid;
        private final List<NamedPoint> points = new ArrayList<>();
        private final List<TablespaceCreated> tablespaces = new ArrayList<>();

        void add(TransactionEnd transaction) {
            transactions++;
            minXid = Math.min(minXid, transaction.xid());
            maxXid = Math.max(maxXid, transaction.xid());
            if (latestEnd == null || transaction.time().isAfter(latestEnd)) {
                latestEnd = transaction.time();
            }
            if (transaction.commit()) {
                firstCommit = firstCommit == null ? transaction.time() : firstCommit;
                lastCommit = transaction.time();
                if (earliestCommit == null || transaction.time().isBefore(earliestCommit)) {
                    earliestCommit = transaction.time();
                }
            }
        }
    }
}
