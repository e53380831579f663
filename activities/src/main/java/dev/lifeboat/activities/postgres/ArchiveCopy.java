package dev.lifeboat.activities.postgres;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;

/**
 * Copies an archive of {@code pg_dump}'s custom format, and makes it on the way what it would be had {@code pg_dump} written a
 * file. Into a pipe it cannot write where the data of each table begins, and {@code pg_restore} looks for it from block to block
 * then; without compression every row is a block of its own, and each costs it a seek and a read. So the table of contents gets
 * its places (as {@code _CloseArchive} of pg_backup_custom.c writes them), and rows are put together to larger blocks.
 *
 * <p>What the data says is not changed. An archive of a version that is not known is copied as it is.
 */
final class ArchiveCopy {

    /** What {@code pg_restore} reads at once; larger blocks are left as they are. */
    private static final int BLOCK = 64 << 10;

    /** PostgreSQL 9.0 to 18 write these: 1.12 to 1.16 (pg_backup_archiver.h). */
    private static final int OLDEST_MINOR = 12;

    private static final int NEWEST_MINOR = 16;
    private static final int WITH_TABLE_METHOD = 14;
    private static final int WITH_ALGORITHM = 15;
    private static final int WITH_RELATION_KIND = 16;

    private static final byte CUSTOM = 1;
    private static final int OFFSET_SIZE = 8;
    private static final byte PLACE_UNKNOWN = 1;
    private static final byte PLACE_KNOWN = 2;
    private static final byte NO_DATA = 3;

    private static final int DATA = 1;
    private static final int LARGE_OBJECTS = 3;

    private final ArchiveBytes in;
    private final BlockWriter out;
    private final FileChannel file;
    /** Of each entry that has data: where in the file its place is written. */
    private final Map<Integer, Long> marks = new HashMap<>();

    private final Map<Integer, Long> begins = new HashMap<>();
    private int minor;
    private boolean compressed;

    /**
     * @param archive from its first byte on
     * @param file    empty, and open for writing; the caller closes it
     * @param passing told how many bytes of the archive were read
     */
    ArchiveCopy(InputStream archive, FileChannel file, ArchiveBytes.Passing passing) {
        this.in = new ArchiveBytes(archive, passing);
        this.out = new BlockWriter(file, BLOCK);
        this.file = file;
    }

    /**
     * Reads the archive to its end.
     *
     * @return the bytes that it has; there may be fewer in the file
     * @throws EOFException             where it ends within something
     * @throws StreamCorruptedException where it cannot be what {@code pg_dump} wrote
     */
    long run() throws IOException {
        if (header()) {
            contents();
            while (block()) {
                // One after the other.
            }
        }
        in.rest(out);
        out.flush();
        mark();
        return in.passed();
    }

    /** @return false where the rest is to be left as it is */
    private boolean header() throws IOException {
        byte[] head = in.peek(11);
        boolean known = head.length == 11
                && head[5] == 1
                && head[6] >= OLDEST_MINOR
                && head[6] <= NEWEST_MINOR
                && head[8] == Integer.BYTES
                && head[9] == OFFSET_SIZE
                && head[10] == CUSTOM;
        if (!known) {
            return false;
        }
        minor = head[6];
        in.copy(head.length, out);
        if (minor >= WITH_ALGORITHM) {
            compressed = in.peek(1)[0] != 0;
            in.copy(1, out);
        } else {
            compressed = integer() != 0;
        }
        int partsOfTheDate = 7;
        for (int i = 0; i < partsOfTheDate; i++) {
            integer();
        }
        // The database, the version of the server, and that of pg_dump.
        text();
        text();
        text();
        return true;
    }

    private void contents() throws IOException {
        int entries = integer();
        for (int i = 0; i < entries; i++) {
            int id = integer();
            integer(); // whether it has data, which its place says too
            texts(4); // two numbers of the catalogue, name, kind
            integer(); // section
            texts(5); // definition, how it is dropped, COPY, schema, tablespace
            if (minor >= WITH_TABLE_METHOD) {
                text();
            }
            if (minor >= WITH_RELATION_KIND) {
                integer();
            }
            texts(2); // owner, and the word 'false'
            while (text()) {
                // The entries that it depends on; one that is null ends them.
            }
            long here = out.position();
            byte state = in.peek(1)[0];
            in.copy(1 + OFFSET_SIZE, out);
            if (state == PLACE_KNOWN || state == PLACE_UNKNOWN) {
                marks.put(id, here);
            } else if (state != NO_DATA) {
                throw new StreamCorruptedException("its table of contents says %d of entry %d".formatted(state, id));
            }
        }
    }

    /** @return false at the end, and before what is no block: {@code pg_restore} may never come there, or says it */
    private boolean block() throws IOException {
        byte[] type = in.peek(1);
        if (type.length == 0 || type[0] != DATA && type[0] != LARGE_OBJECTS) {
            return false;
        }
        long begin = out.position();
        in.copy(1, out);
        begins.putIfAbsent(integer(), begin);
        if (type[0] == DATA) {
            data();
        } else {
            while (integer() != 0) {
                data();
            }
        }
        return true;
    }

    private void data() throws IOException {
        for (int length = in.integer(); length != 0; length = in.integer()) {
            if (length < 0) {
                throw new StreamCorruptedException("a block of data has %d bytes".formatted(length));
            }
            if (compressed || length > BLOCK) {
                out.endBlock();
                out.integer(length);
                in.copy(length, out);
            } else {
                in.addTo(out, length);
            }
        }
        out.endBlock();
        out.integer(0);
    }

    private int integer() throws IOException {
        int value = in.integer();
        out.integer(value);
        return value;
    }

    private void texts(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            text();
        }
    }

    /** @return false for null, which is none */
    private boolean text() throws IOException {
        int length = integer();
        if (length > 0) {
            in.copy(length, out);
        }
        return length >= 0;
    }

    private void mark() throws IOException {
        for (Map.Entry<Integer, Long> mark : marks.entrySet()) {
            Long begin = begins.get(mark.getKey());
            ByteBuffer place = ByteBuffer.allocate(1 + OFFSET_SIZE).order(ByteOrder.LITTLE_ENDIAN);
            place.put(begin == null ? PLACE_UNKNOWN : PLACE_KNOWN)
                    .putLong(begin == null ? 0 : begin)
                    .flip();
            long at = mark.getValue();
            while (place.hasRemaining()) {
                at += file.write(place, at);
            }
        }
    }
}
