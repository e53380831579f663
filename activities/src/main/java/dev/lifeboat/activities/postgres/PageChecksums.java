package dev.lifeboat.activities.postgres;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's own checksum of a data page (checksum_impl.h: 32 lanes of FNV-1a over 32-bit words, folded with the number of
 * the block), and which pages of a file can be held against it. Not safe for several threads.
 */
final class PageChecksums {

    private static final int LANES = 32;
    private static final int PRIME = 16777619;
    private static final int CHECKSUM = 8;
    private static final int UPPER = 14;
    private static final int[] BASE = {
        0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
        0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
        0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
        0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756
    };
    private static final Pattern RELATION = Pattern.compile("(?:.*/)?\\d+(?:_(?:fsm|vm|init))?(?:\\.(\\d+))?");

    private final int pageSize;
    private final long blocksPerFile;
    private final long startLsn;
    private final int[] words;
    private final int[] sums = new int[LANES];

    /** @param startLsn of the backup: later pages may be torn, and come whole with the WAL */
    PageChecksums(int pageSize, long blocksPerFile, long startLsn) {
        this.pageSize = pageSize;
        this.blocksPerFile = blocksPerFile;
        this.startLsn = startLsn;
        this.words = new int[pageSize / Integer.BYTES];
    }

    int pageSize() {
        return pageSize;
    }

    /** Whether this is a file of pages: of a relation, whatever its fork. */
    static boolean appliesTo(String name) {
        return (name.startsWith("base/") || name.startsWith("global/"))
                && RELATION.matcher(name).matches();
    }

    /** The number within its relation of the first block of this file: the second file of 1 GiB is {@code 16384.1}. */
    long firstBlock(String name) {
        Matcher matcher = RELATION.matcher(name);
        String number = matcher.matches() ? matcher.group(1) : null;
        return number == null ? 0 : Long.parseLong(number) * blocksPerFile;
    }

    /** False for a page that is new, or that was written since the backup began; its sum says nothing then. */
    boolean isSettled(ByteBuffer pages, int offset) {
        ByteBuffer page = pages.duplicate().order(ByteOrder.nativeOrder());
        if (page.getShort(offset + UPPER) == 0) {
            return false;
        }
        long lsn = Integer.toUnsignedLong(page.getInt(offset)) << 32
                | Integer.toUnsignedLong(page.getInt(offset + Integer.BYTES));
        return Long.compareUnsigned(lsn, startLsn) < 0;
    }

    boolean isRight(ByteBuffer pages, int offset, long block) {
        ByteBuffer page = pages.duplicate().order(ByteOrder.nativeOrder());
        int stored = Short.toUnsignedInt(page.getShort(offset + CHECKSUM));
        return stored == of(pages, offset, block);
    }

    int of(ByteBuffer pages, int offset, long block) {
        pages.duplicate()
                .order(ByteOrder.nativeOrder())
                .position(offset)
                .asIntBuffer()
                .get(words);
        // The sum itself counts as zero; it is the lower half of its word on the machines that PostgreSQL and we run
        // on.
        words[CHECKSUM / Integer.BYTES] &= ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0xFFFF0000 : 0x0000FFFF;
        System.arraycopy(BASE, 0, sums, 0, LANES);
        for (int row = 0; row < words.length; row += LANES) {
            mix(words, row);
        }
        int folded = 0;
        for (int lane = 0; lane < LANES; lane++) {
            folded ^= round(round(sums[lane], 0), 0);
        }
        folded ^= (int) block;
        return (int) (Integer.toUnsignedLong(folded) % 65535) + 1;
    }

    /** A loop of its own, so that the compiler makes vectors of it. */
    private void mix(int[] data, int row) {
        for (int lane = 0; lane < LANES; lane++) {
            int mixed = sums[lane] ^ data[row + lane];
            sums[lane] = mixed * PRIME ^ mixed >>> 17;
        }
    }

    private static int round(int sum, int value) {
        int mixed = sum ^ value;
        return mixed * PRIME ^ mixed >>> 17;
    }
}
