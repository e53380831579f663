package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Writes WAL as PostgreSQL 15 does, in memory, with segments of 1 MiB. */
final class WalBytes {

    static final WalSegmentSize SIZE = new WalSegmentSize(1 << 20);
    static final long SYSTEM = 7_000_000_000_000_000_001L;

    private static final int PAGE = 8192;
    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private final ByteBuffer log;
    private final long base;
    private int position;
    private int timeline;
    private long previous;

    /** A log that begins with this segment. */
    WalBytes(int timeline, long firstSegment, int segments) {
        this.timeline = timeline;
        this.base = firstSegment << 20;
        this.log = ByteBuffer.allocate(segments << 20).order(ByteOrder.nativeOrder());
        this.previous = base == 0 ? 0 : base - 40;
    }

    /** The same bytes so far, going on as another timeline. */
    WalBytes forkedAs(int newTimeline) {
        WalBytes fork = new WalBytes(newTimeline, base >> 20, log.capacity() >> 20);
        System.arraycopy(log.array(), 0, fork.log.array(), 0, position);
        fork.position = position;
        fork.previous = previous;
        return fork;
    }

    /** Where the next record begins. */
    Lsn next() {
        int begin = position % PAGE == 0 ? position + headerLength(position) : position;
        return new Lsn(base + begin);
    }

    /** The end of what was written. */
    Lsn end() {
        return new Lsn(base + position);
    }

    WalBytes commit(long xid, Instant time) {
        return record(1, 0x00, xid, micros(time));
    }

    WalBytes abort(long xid, Instant time) {
        return record(1, 0x20, xid, micros(time));
    }

    /** With a database, two subtransactions, a file, an invalidation and then the transaction's own number. */
    WalBytes commitPrepared(long xid, Instant time) {
        ByteBuffer data = ByteBuffer.allocate(8 + 4 + 8 + 12 + 16 + 20 + 4).order(ByteOrder.nativeOrder());
        data.put(micros(time)).putInt(0b11111).putLong(5).putInt(2).putInt(11).putInt(12);
        data.putInt(1).put(new byte[12]).putInt(1).put(new byte[16]).putInt((int) xid);
        return record(1, 0x30 | 0x80, 0, data.array());
    }

    WalBytes restorePoint(String name, Instant time) {
        byte[] data = Arrays.copyOf(micros(time), 72);
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, data, 8, text.length);
        return record(0, 0x70, 0, data);
    }

    /** As CREATE TABLESPACE writes it; an empty location is one inside the data directory. */
    WalBytes tablespace(int oid, String location) {
        byte[] text = location.getBytes(StandardCharsets.UTF_8);
        ByteBuffer data = ByteBuffer.allocate(4 + text.length + 1).order(ByteOrder.nativeOrder());
        data.putInt(oid).put(text);
        return record(5, 0x00, 0, data.array());
    }

    WalBytes dropTablespace(int oid) {
        return record(
                5,
                0x10,
                0,
                ByteBuffer.allocate(4)
                        .order(ByteOrder.nativeOrder())
                        .putInt(oid)
                        .array());
    }

    /** A record of another kind with so many bytes of data. */
    WalBytes noise(int bytes) {
        byte[] data = new byte[bytes];
        Arrays.fill(data, (byte) 7);
        return record(10, 0x00, 1, data);
    }

    /** The rest of the segment stays unused, as after pg_switch_wal. */
    WalBytes switchSegment() {
        append(header(0, 0x40, 0, new byte[0]));
        position = (position + (1 << 20) - 1) >> 20 << 20;
        return this;
    }

    /** Ends the segment exactly: with noise until no more than these bytes are left in it. */
    WalBytes fillUntil(int left) {
        while ((1 << 20) - position % (1 << 20) - left > 4000) {
            noise(1000);
        }
        int gap = (1 << 20) - position % (1 << 20) - left;
        return noise(gap - 24 - 5);
    }

    byte[] segment(long number) {
        int from = (int) ((number << 20) - base);
        return Arrays.copyOfRange(log.array(), from, from + (1 << 20));
    }

    String name(long number) {
        return SIZE.nameOf(new WalSegment(timeline, number));
    }

    private WalBytes record(int manager, int info, long xid, byte[] data) {
        ByteBuffer body = ByteBuffer.allocate(data.length + 5).order(ByteOrder.nativeOrder());
        if (data.length < 256) {
            body.put((byte) 255).put((byte) data.length);
        } else {
            body.put((byte) 254).putInt(data.length);
        }
        body.put(data);
        append(header(manager, info, xid, Arrays.copyOf(body.array(), body.position())));
        return this;
    }

    private byte[] header(int manager, int info, long xid, byte[] body) {
        ByteBuffer record = ByteBuffer.allocate(24 + body.length).order(ByteOrder.nativeOrder());
        record.putInt(24 + body.length).putInt((int) xid).putLong(previous);
        record.put((byte) info)
                .put((byte) manager)
                .putShort((short) 0)
                .putInt(0)
                .put(body);
        CRC32C crc = new CRC32C();
        crc.update(body);
        crc.update(record.array(), 0, 20);
        record.putInt(20, (int) crc.getValue());
        return record.array();
    }

    private void append(byte[] record) {
        previous = next().value();
        int written = 0;
        while (written < record.length) {
            if (position % PAGE == 0) {
                beginPage(record.length - written, written > 0);
            }
            int count = Math.min(record.length - written, PAGE - position % PAGE);
            System.arraycopy(record, written, log.array(), position, count);
            written += count;
            position += count;
        }
        position = (position + 7) / 8 * 8;
    }

    private void beginPage(int remaining, boolean continued) {
        boolean first = position % (1 << 20) == 0;
        log.putShort(position, (short) 0xD110);
        log.putShort(position + 2, (short) ((continued ? 1 : 0) | (first ? 2 : 0)));
        log.putInt(position + 4, timeline);
        log.putLong(position + 8, base + position);
        log.putInt(position + 16, continued ? remaining : 0);
        if (first) {
            log.putLong(position + 24, SYSTEM);
            log.putInt(position + 32, 1 << 20);
            log.putInt(position + 36, PAGE);
        }
        position += headerLength(position);
    }

    private static int headerLength(int position) {
        return position % (1 << 20) == 0 ? 40 : 24;
    }

    private static byte[] micros(Instant time) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .putLong(EPOCH.until(time, ChronoUnit.MICROS))
                .array();
    }
}
