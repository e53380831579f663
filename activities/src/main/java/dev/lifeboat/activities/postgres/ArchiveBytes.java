package dev.lifeboat.activities.postgres;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** The bytes of an archive, piece by piece, with numbers as {@code ReadInt} of pg_backup_archiver.c reads them. */
final class ArchiveBytes {

    private static final int BUFFER = 1 << 20;

    private final InputStream in;
    private final Passing passing;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;
    private long read;

    ArchiveBytes(InputStream in, Passing passing) {
        this.in = in;
        this.passing = passing;
    }

    /** Told after each piece how many bytes were read so far; may throw to end it. */
    interface Passing {
        void passed(long bytes);
    }

    /** How many were read so far. */
    long passed() {
        return read;
    }

    /** The next bytes, which stay where they are; fewer at the end. */
    byte[] peek(int count) throws IOException {
        need(count);
        return Arrays.copyOfRange(buffer, at, Math.min(end, at + count));
    }

    /** A sign, and four bytes of which the lowest is the first. */
    int integer() throws IOException {
        if (!need(1 + Integer.BYTES)) {
            throw new EOFException("it ends too early");
        }
        int value = buffer[at + 1] & 0xFF
                | (buffer[at + 2] & 0xFF) << 8
                | (buffer[at + 3] & 0xFF) << 16
                | (buffer[at + 4] & 0xFF) << 24;
        boolean negative = buffer[at] != 0;
        at += 1 + Integer.BYTES;
        return negative ? -value : value;
    }

    /** As they are. */
    void copy(long count, BlockWriter out) throws IOException {
        long left = count;
        while (left > 0) {
            int take = take(left);
            out.write(buffer, at, take);
            at += take;
            left -= take;
        }
    }

    /** To the block that is being put together. */
    void addTo(BlockWriter out, int count) throws IOException {
        out.makeRoom(count);
        int left = count;
        while (left > 0) {
            int take = take(left);
            out.add(buffer, at, take);
            at += take;
            left -= take;
        }
    }

    /** As they are, to the end. */
    void rest(BlockWriter out) throws IOException {
        while (need(1)) {
            out.write(buffer, at, end - at);
            at = end;
        }
    }

    private int take(long wanted) throws IOException {
        if (!need(1)) {
            throw new EOFException("it ends too early");
        }
        return (int) Math.min(wanted, end - at);
    }

    /** @return false where the archive ends before */
    private boolean need(int count) throws IOException {
        if (end - at >= count) {
            return true;
        }
        System.arraycopy(buffer, at, buffer, 0, end - at);
        end -= at;
        at = 0;
        int got = in.readNBytes(buffer, end, buffer.length - end);
        end += got;
        read += got;
        passing.passed(read);
        return end >= count;
    }
}
