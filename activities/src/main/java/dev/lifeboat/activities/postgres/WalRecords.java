package dev.lifeboat.activities.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The insides of the few kinds of WAL records that recovery can stop at, or must not be led over. */
final class WalRecords {

    static final int XLOG = 0;
    static final int TRANSACTION = 1;
    static final int HEADER = 24;

    private static final int TABLESPACE = 5;

    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private static final int ORIGIN = 253;
    private static final int TOP_LEVEL_XID = 252;
    private static final int DATA_LONG = 254;
    private static final int DATA_SHORT = 255;

    // Flags of xl_xact_xinfo, in the order in which their parts follow each other (access/xact.h).
    private static final int HAS_DATABASE = 1;
    private static final int HAS_SUBTRANSACTIONS = 1 << 1;
    private static final int HAS_FILES = 1 << 2;
    private static final int HAS_DROPPED_STATISTICS = 1 << 8;
    private static final int HAS_INVALIDATIONS = 1 << 3;
    private static final int HAS_TWO_PHASE = 1 << 4;

    private static final int MAGIC_18 = 0xD118;

    private WalRecords() {}

    /** Whether records of this kind are looked into at all. */
    static boolean isRead(int manager) {
        return manager <= TRANSACTION || manager == TABLESPACE;
    }

    static boolean createsTablespace(int manager, int info) {
        return manager == TABLESPACE && (info & 0xF0) == 0x00;
    }

    static String tablespaceOid(ByteBuffer mainData) {
        return Integer.toUnsignedString(mainData.getInt(0));
    }

    /** As it was typed; empty for one inside the data directory. */
    static String tablespaceLocation(ByteBuffer mainData) {
        return textAt(mainData, 4);
    }

    static boolean isSwitch(int manager, int info) {
        return manager == XLOG && (info & 0xF0) == 0x40;
    }

    static boolean isRestorePoint(int manager, int info) {
        return manager == XLOG && (info & 0xF0) == 0x70;
    }

    static boolean endsTransaction(int manager, int info) {
        return manager == TRANSACTION && (isCommit(info) || isAbort(info));
    }

    static boolean isCommit(int info) {
        int kind = info & 0x70;
        return kind == 0x00 || kind == 0x30;
    }

    private static boolean isAbort(int info) {
        int kind = info & 0x70;
        return kind == 0x20 || kind == 0x40;
    }

    private static boolean isPrepared(int info) {
        int kind = info & 0x70;
        return kind == 0x30 || kind == 0x40;
    }

    /**
     * The record's main data; records that refer to blocks are not among those that are asked for.
     *
     * @param record all of it, header included
     */
    static ByteBuffer mainData(ByteBuffer record) {
        int total = record.getInt(0);
        int at = HEADER;
        while (at < total) {
            int id = Byte.toUnsignedInt(record.get(at));
            switch (id) {
                case ORIGIN -> at += 3;
                case TOP_LEVEL_XID -> at += 5;
                case DATA_SHORT -> {
                    return record.slice(at + 2, Byte.toUnsignedInt(record.get(at + 1)))
                            .order(record.order());
                }
                case DATA_LONG -> {
                    return record.slice(at + 5, record.getInt(at + 1)).order(record.order());
                }
                default -> throw new IllegalStateException("a record to stop at refers to a block: " + id);
            }
        }
        return record.slice(total, 0).order(record.order());
    }

    static Instant timeOf(ByteBuffer mainData) {
        return EPOCH.plus(mainData.getLong(0), ChronoUnit.MICROS);
    }

    static String restorePointName(ByteBuffer mainData) {
        return textAt(mainData, 8);
    }

    private static String textAt(ByteBuffer mainData, int begin) {
        int end = begin;
        while (end < mainData.limit() && mainData.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end - begin];
        mainData.get(begin, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /** The transaction that ended: for a prepared one not the one in the header, which belongs to who ended it. */
    static long xidOf(int magic, int info, long headerXid, ByteBuffer data) {
        if (!isPrepared(info) || (info & 0x80) == 0) {
            return headerXid;
        }
        int flags = data.getInt(8);
        if ((flags & HAS_TWO_PHASE) == 0) {
            return headerXid;
        }
        int at = 12;
        if ((flags & HAS_DATABASE) != 0) {
            at += 8;
        }
        if ((flags & HAS_SUBTRANSACTIONS) != 0) {
            at += 4 + 4 * data.getInt(at);
        }
        if ((flags & HAS_FILES) != 0) {
            at += 4 + 12 * data.getInt(at);
        }
        if ((flags & HAS_DROPPED_STATISTICS) != 0) {
            at += 4 + (magic >= MAGIC_18 ? 16 : 12) * data.getInt(at);
        }
        if ((flags & HAS_INVALIDATIONS) != 0 && isCommit(info)) {
            at += 4 + 16 * data.getInt(at);
        }
        return Integer.toUnsignedLong(data.getInt(at));
    }
}
