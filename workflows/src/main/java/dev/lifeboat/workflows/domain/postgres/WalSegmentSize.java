package dev.lifeboat.workflows.domain.postgres;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * {@code wal_segment_size} of a cluster, fixed by initdb; without it a segment's name says nothing about its LSNs.
 *
 * @param bytes a power of two between 1 MiB and 1 GiB (PostgreSQL, "initdb", --wal-segsize)
 */
public record WalSegmentSize(@JsonValue long bytes) {

    public static final WalSegmentSize DEFAULT = new WalSegmentSize(16L << 20);

    private static final Pattern NAME = Pattern.compile("[0-9A-F]{24}");

    @JsonCreator
    public WalSegmentSize {
        if (Long.bitCount(bytes) != 1 || bytes < (1L << 20) || bytes > (1L << 30)) {
            throw new IllegalArgumentException(
                    "a WAL segment is a power of two between 1 MiB and 1 GiB long, not " + bytes + " bytes");
        }
    }

    public static boolean isSegmentName(String name) {
        return NAME.matcher(name).matches();
    }

    /** The segment that holds the byte at this position. */
    public WalSegment segmentAt(int timeline, Lsn lsn) {
        return new WalSegment(timeline, Long.divideUnsigned(lsn.value(), bytes));
    }

    public Lsn startOf(WalSegment segment) {
        return new Lsn(segment.number() * bytes);
    }

    public Lsn endOf(WalSegment segment) {
        return new Lsn((segment.number() + 1) * bytes);
    }

    public String nameOf(WalSegment segment) {
        long perLog = (1L << 32) / bytes;
        return String.format(
                Locale.ROOT, "%08X%08X%08X", segment.timeline(), segment.number() / perLog, segment.number() % perLog);
    }

    /** @throws IllegalArgumentException when the name is not 24 upper-case hexadecimal digits */
    public WalSegment parse(String name) {
        if (!isSegmentName(name)) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a WAL segment");
        }
        long perLog = (1L << 32) / bytes;
        return new WalSegment(
                Integer.parseUnsignedInt(name.substring(0, 8), 16),
                Long.parseLong(name.substring(8, 16), 16) * perLog + Long.parseLong(name.substring(16), 16));
    }
}
