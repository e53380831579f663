package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.activities.postgres.WalReader.TablespaceCreated;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What lies in one WAL segment, as far as a recovery can stop there. A record belongs to the segment in which it ends.
 *
 * @param whole         false when the end of WAL lies in it
 * @param headUnseen    it begins inside a record whose beginning nobody had at hand, so that one record is missing here
 * @param end           of its last complete record; null when none ends in it
 * @param firstCommitAt time of its first commit in the order of the log; null without one
 * @param lastCommitAt  time of its last one
 * @param latestEndAt   the latest time of a commit or an abort; times need not grow with the log
 * @param minXid        smallest transaction that ended; 0 without one
 * @param tablespaces   those that were made outside of the data directory; null in what was written before anybody looked
 *                      for them: then nobody knows
 * @param crc32c        of its bytes when it was archived; null in what was written before it was noted
 * @param earliestCommitAt the earliest time of a commit; null without one, and in what was written before it was noted
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
record SegmentSummary(
        String name,
        boolean whole,
        boolean headUnseen,
        @Nullable Lsn end,
        int transactions,
        @Nullable Instant firstCommitAt,
        @Nullable Instant lastCommitAt,
        @Nullable Instant latestEndAt,
        long minXid,
        long maxXid,
        List<NamedPoint> restorePoints,
        @Nullable List<TablespaceCreated> tablespaces,
        @Nullable String crc32c,
        @Nullable Instant earliestCommitAt) {

    SegmentSummary(
            String name,
            boolean whole,
            boolean headUnseen,
            @Nullable Lsn end,
            int transactions,
            @Nullable Instant firstCommitAt,
            @Nullable Instant lastCommitAt,
            @Nullable Instant latestEndAt,
            long minXid,
            long maxXid,
            List<NamedPoint> restorePoints,
            @Nullable List<TablespaceCreated> tablespaces) {
        this(
                name,
                whole,
                headUnseen,
                end,
                transactions,
                firstCommitAt,
                lastCommitAt,
                latestEndAt,
                minXid,
                maxXid,
                restorePoints,
                tablespaces,
                null,
                null);
    }

    SegmentSummary withCrc32c(String sum) {
        return with(sum, earliestCommitAt);
    }

    SegmentSummary withEarliestCommitAt(@Nullable Instant time) {
        return with(crc32c, time);
    }

    /** No commit in it is earlier, except where a clock went back and forth and nobody noted the earliest. */
    @Nullable Instant earliest() {
        if (earliestCommitAt != null || firstCommitAt == null || lastCommitAt == null) {
            return earliestCommitAt;
        }
        return firstCommitAt.isBefore(lastCommitAt) ? firstCommitAt : lastCommitAt;
    }

    private SegmentSummary with(@Nullable String sum, @Nullable Instant earliest) {
        return new SegmentSummary(
                name,
                whole,
                headUnseen,
                end,
                transactions,
                firstCommitAt,
                lastCommitAt,
                latestEndAt,
                minXid,
                maxXid,
                restorePoints,
                tablespaces,
                sum,
                earliest);
    }

    record NamedPoint(String name, Instant time, Lsn end) {}

    /** Whether the whole truth about the segment is known, as it is once it was archived in order. */
    boolean complete() {
        return whole && !headUnseen && tablespaces != null;
    }

    List<TablespaceCreated> tablespacesCreated() {
        return tablespaces == null ? List.of() : tablespaces;
    }

    boolean mayHoldXid(long xid) {
        return transactions > 0 && minXid <= xid && xid <= maxXid;
    }
}
