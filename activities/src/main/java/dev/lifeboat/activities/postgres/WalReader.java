package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads WAL page by page, in bounded memory, and tells where recovery could stop. Segments that are read one after the
 * other are one stream: a record may begin in one and end in the next. A segment that does not follow the one before
 * begins a new stream, in which a record whose beginning was not seen is skipped.
 *
 * <p>The end of WAL is where the next page or record is not what it should be (address, link to the record before,
 * CRC), which is how PostgreSQL itself finds it in a segment that was recycled.
 */
final class WalReader {

    static final int PAGE = 8192;

    private static final int SHORT_HEADER = 24;
    private static final int CONTINUED = 0x0001;
    private static final int OVERWRITES_UNFINISHED = 0x0008;
    private static final int MAX_KEPT = 64 << 20;

    private final WalSegmentSize segmentSize;
    private final Listener listener;
    private final byte[] page = new byte[PAGE];
    private final ByteBuffer view = ByteBuffer.wrap(page).order(ByteOrder.nativeOrder());
    private final CRC32C crc = new CRC32C();

    private long nextAddress = -1;
    private int timeline;
    private int magic;
    private long lastStart;
    private long end;
    private boolean switched;
    private boolean firstRecordUnseen;
    private @Nullable Unfinished unfinished;

    WalReader(WalSegmentSize segmentSize, Listener listener) {
        this.segmentSize = segmentSize;
        this.listener = listener;
    }

    /** What is found, in the order of the log. */
    interface Listener {

        /** Every complete record; positions as in {@link Lsn#value}. */
        default void record(long start, long end) {}

        default void transactionEnd(TransactionEnd transaction) {}

        default void restorePoint(RestorePoint point) {}

        /** A tablespace was made outside of the data directory. */
        default void tablespaceCreated(TablespaceCreated created) {}
    }

    /**
     * A commit or an abort, also of a prepared transaction.
     *
     * @param start of its record
     * @param end   of its record, where the next one begins or the next page does
     */
    record TransactionEnd(long xid, boolean commit, Instant time, Lsn start, Lsn end) {}

    record RestorePoint(String name, Instant time, Lsn start, Lsn end) {}

    /** @param location the absolute path that replaying the record goes to, on whatever host */
    record TablespaceCreated(String oid, String location, Lsn start, Lsn end) {}

    /**
     * @param whole     false when the end of WAL lies in this segment
     * @param end       of the last complete record so far; null when there was none
     * @param headUnseen the segment begins inside a record whose beginning was not read
     */
    record Reading(boolean whole, @Nullable Lsn end, boolean headUnseen) {}

    /** @param bytes of the segment from its beginning; a stream that is too short ends the WAL */
    Reading read(WalSegment segment, InputStream bytes) throws IOException {
        long start = segmentSize.startOf(segment).value();
        if (start != nextAddress) {
            restart();
        }
        firstRecordUnseen = false;
        switched = false;
        timeline = segment.timeline();
        for (long address = start; address < start + segmentSize.bytes() && !switched; address += PAGE) {
            if (bytes.readNBytes(page, 0, PAGE) < PAGE || !readPage(address)) {
                Reading ended = reading(false);
                restart();
                return ended;
            }
        }
        nextAddress = start + segmentSize.bytes();
        return reading(true);
    }

    /** Whether this segment goes on where the last one ended; one of another timeline may be of a branch beside it. */
    boolean continuesWith(WalSegment segment) {
        return segment.timeline() == timeline && segmentSize.startOf(segment).value() == nextAddress;
    }

    private Reading reading(boolean whole) {
        return new Reading(whole, lastStart == 0 ? null : new Lsn(end), firstRecordUnseen);
    }

    /** What is read next begins a new stream, also where its address happens to fit. */
    void restart() {
        nextAddress = -1;
        lastStart = 0;
        end = 0;
        unfinished = null;
    }

    private boolean readPage(long address) {
        int header = validHeader(address);
        if (header == 0) {
            return false;
        }
        int info = view.getShort(2);
        int remaining = view.getInt(16);
        if ((info & OVERWRITES_UNFINISHED) != 0) {
            // After a crash the server gave the unfinished record up and begins anew here.
            unfinished = null;
        }
        int offset = header;
        if (unfinished != null || (info & CONTINUED) != 0) {
            if ((info & CONTINUED) == 0 || remaining <= 0) {
                return false;
            }
            int here = Math.min(remaining, PAGE - header);
            if (!goOn(address, header, here, remaining)) {
                return false;
            }
            if (remaining > here) {
                return true;
            }
            offset = aligned(header + here);
        }
        return switched || readRecords(address, offset);
    }

    /** The length of the page's header, or 0 when this is not the page that belongs here. */
    private int validHeader(long address) {
        magic = Short.toUnsignedInt(view.getShort(0));
        boolean first = address % segmentSize.bytes() == 0;
        boolean valid = WalSegmentHeader.MAGICS.contains(magic)
                && view.getLong(8) == address
                && Integer.compareUnsigned(view.getInt(4), timeline) <= 0
                && ((view.getShort(2) & 0x0002) != 0) == first
                && (!first || view.getInt(32) == (int) segmentSize.bytes());
        if (!valid) {
            return 0;
        }
        return first ? WalSegmentHeader.BYTES : SHORT_HEADER;
    }

    private boolean goOn(long address, int header, int here, int remaining) {
        Unfinished record = unfinished;
        if (record == null) {
            firstRecordUnseen = lastStart == 0;
            return firstRecordUnseen;
        }
        if (record.missing() != remaining) {
            return false;
        }
        record.add(page, header, here);
        if (record.missing() > 0) {
            return true;
        }
        unfinished = null;
        return record.crcMatches() && accept(record.start, address + aligned(header + here), record.kept());
    }

    private boolean readRecords(long address, int from) {
        int offset = from;
        while (offset < PAGE) {
            int total = view.getInt(offset);
            if (total < WalRecords.HEADER) {
                return false;
            }
            if (total > PAGE - offset) {
                unfinished = new Unfinished(address + offset, total);
                unfinished.add(page, offset, PAGE - offset);
                return true;
            }
            int next = aligned(offset + total);
            crc.reset();
            crc.update(page, offset + WalRecords.HEADER, total - WalRecords.HEADER);
            crc.update(page, offset, WalRecords.HEADER - 4);
            if ((int) crc.getValue() != view.getInt(offset + 20)
                    || !accept(address + offset, address + next, slice(offset, total))) {
                return false;
            }
            if (switched) {
                return true;
            }
            offset = next;
        }
        return true;
    }

    private ByteBuffer slice(int offset, int length) {
        return view.slice(offset, length).order(ByteOrder.nativeOrder());
    }

    private boolean accept(long start, long recordEnd, ByteBuffer record) {
        long previous = record.getLong(8);
        if (lastStart != 0 ? previous != lastStart : Long.compareUnsigned(previous, start) >= 0) {
            return false;
        }
        int info = Byte.toUnsignedInt(record.get(16));
        int manager = Byte.toUnsignedInt(record.get(17));
        lastStart = start;
        end = recordEnd;
        if (WalRecords.isSwitch(manager, info)) {
            switched = true;
            long bytes = segmentSize.bytes();
            end = (recordEnd + bytes - 1) / bytes * bytes;
        }
        listener.record(start, end);
        if (WalRecords.endsTransaction(manager, info)) {
            ByteBuffer data = WalRecords.mainData(record);
            long xid = WalRecords.xidOf(magic, info, Integer.toUnsignedLong(record.getInt(4)), data);
            listener.transactionEnd(new TransactionEnd(
                    xid, WalRecords.isCommit(info), WalRecords.timeOf(data), new Lsn(start), new Lsn(end)));
        } else if (WalRecords.isRestorePoint(manager, info)) {
            ByteBuffer data = WalRecords.mainData(record);
            listener.restorePoint(new RestorePoint(
                    WalRecords.restorePointName(data), WalRecords.timeOf(data), new Lsn(start), new Lsn(end)));
        } else if (WalRecords.createsTablespace(manager, info)) {
            createdTablespace(WalRecords.mainData(record), start);
        }
        return true;
    }

    private void createdTablespace(ByteBuffer data, long start) {
        String location = WalRecords.tablespaceLocation(data);
        if (!location.isEmpty()) {
            listener.tablespaceCreated(
                    new TablespaceCreated(WalRecords.tablespaceOid(data), location, new Lsn(start), new Lsn(end)));
        }
    }

    private static int aligned(int offset) {
        return (offset + 7) & ~7;
    }

    /** A record that goes on in the next page. Its data is kept only when it may be one that is looked into. */
    private static final class Unfinished {

        private final long start;
        private final int total;
        private final CRC32C crc = new CRC32C();
        private byte[] bytes = new byte[WalRecords.HEADER];
        private int seen;
        private boolean keep;

        Unfinished(long start, int total) {
            this.start = start;
            this.total = total;
        }

        int missing() {
            return total - seen;
        }

        void add(byte[] from, int offset, int length) {
            int ofHeader = Math.min(length, Math.max(0, WalRecords.HEADER - seen));
            System.arraycopy(from, offset, bytes, Math.min(seen, bytes.length - ofHeader), ofHeader);
            seen += ofHeader;
            int ofData = length - ofHeader;
            if (ofData == 0) {
                return;
            }
            if (seen == WalRecords.HEADER) {
                keep = WalRecords.isRead(Byte.toUnsignedInt(bytes[17])) && total <= MAX_KEPT;
                bytes = keep ? java.util.Arrays.copyOf(bytes, total) : bytes;
            }
            crc.update(from, offset + ofHeader, ofData);
            if (keep) {
                System.arraycopy(from, offset + ofHeader, bytes, seen, ofData);
            }
            seen += ofData;
        }

        boolean crcMatches() {
            crc.update(bytes, 0, WalRecords.HEADER - 4);
            return (int) crc.getValue() == kept().getInt(20);
        }

        ByteBuffer kept() {
            return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        }
    }
}
