package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;

/**
 * The long page header that every WAL segment begins with: it says which cluster and which place the bytes belong to.
 *
 * @param timeline of the first page; older than the one in the file's name when the segment was copied at a switch
 */
record WalSegmentHeader(int magic, int timeline, Lsn address, String systemId, WalSegmentSize segmentSize) {

    static final int BYTES = 40;

    /** PostgreSQL 15, 16, 17 and 18 (access/xlog_internal.h, XLOG_PAGE_MAGIC). */
    static final Set<Integer> MAGICS = Set.of(0xD110, 0xD113, 0xD116, 0xD118);

    private static final int LONG_HEADER = 0x0002;
    private static final int PAGE_SIZE = 8192;

    /** Empty when these are not the first bytes of a WAL segment of a known version. */
    static Optional<WalSegmentHeader> parse(byte[] bytes) {
        if (bytes.length < BYTES) {
            return Optional.empty();
        }
        ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        int magic = Short.toUnsignedInt(page.getShort(0));
        if (!MAGICS.contains(magic) || (page.getShort(2) & LONG_HEADER) == 0 || page.getInt(36) != PAGE_SIZE) {
            return Optional.empty();
        }
        long segmentBytes = Integer.toUnsignedLong(page.getInt(32));
        if (Long.bitCount(segmentBytes) != 1 || segmentBytes < (1L << 20) || segmentBytes > (1L << 30)) {
            return Optional.empty();
        }
        return Optional.of(new WalSegmentHeader(
                magic,
                page.getInt(4),
                new Lsn(page.getLong(8)),
                Long.toUnsignedString(page.getLong(24)),
                new WalSegmentSize(segmentBytes)));
    }

    /** Whether a file of this name, of this cluster, may begin so. */
    boolean fits(String name, String expectedSystemId) {
        WalSegment segment = segmentSize.parse(name);
        return systemId.equals(expectedSystemId)
                && address.equals(segmentSize.startOf(segment))
                && Integer.compareUnsigned(timeline, segment.timeline()) <= 0;
    }
}
