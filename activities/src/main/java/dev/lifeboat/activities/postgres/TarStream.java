package dev.lifeboat.activities.postgres;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Walks through the tar that PostgreSQL writes and hands every entry on byte for byte, header and padding included. Its
 * names are at most 100 bytes long, so no extended headers occur.
 */
final class TarStream {

    static final int BLOCK = 512;

    private final InputStream in;
    private final byte[] header = new byte[BLOCK];
    private final byte[] buffer = new byte[256 << 10];

    TarStream(InputStream in) {
        this.in = in;
    }

    /** @param size of the content, without padding */
    record Entry(String name, long size, boolean isFile) {

        /** Everything that the entry takes up in the tar. */
        long bytes() {
            return BLOCK + padded(size);
        }
    }

    /** Follows the bytes that are copied. */
    interface Observer {
        void copied(byte[] bytes, int length);
    }

    /**
     * The next entry, or null at the end. The one before must have been copied.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure DATA_DIRECTORY_UNUSABLE where its name is no UTF-8
     */
    @org.jspecify.annotations.Nullable Entry next() throws IOException {
        int read = in.readNBytes(header, 0, BLOCK);
        if (read == 0 || isEmpty()) {
            in.transferTo(OutputStream.nullOutputStream());
            return null;
        }
        if (read < BLOCK) {
            throw new EOFException("the tar ends inside a header");
        }
        byte type = header[156];
        boolean file = type == '0' || type == 0;
        return new Entry(name(0, 100), file ? number(124, 12) : 0, file);
    }

    /** Copies the entry that {@link #next} returned, with header and padding. */
    void copy(Entry entry, OutputStream out, Observer observer) throws IOException {
        out.write(header);
        long content = entry.size();
        long remaining = padded(content);
        while (remaining > 0) {
            int wanted = (int) Math.min(remaining, buffer.length);
            int count = in.readNBytes(buffer, 0, wanted);
            if (count < wanted) {
                throw new EOFException("the tar ends inside " + entry.name());
            }
            out.write(buffer, 0, count);
            observer.copied(buffer, (int) Math.min(count, content));
            content -= Math.min(count, content);
            remaining -= count;
        }
    }

    static long padded(long size) {
        return (size + BLOCK - 1) / BLOCK * BLOCK;
    }

    private boolean isEmpty() {
        for (byte b : header) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private String name(int offset, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header, offset, length(offset, length)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw BackupFiles.unspelled("the cluster", text(offset, length));
        }
    }

    private String text(int offset, int length) {
        return new String(header, offset, length(offset, length), StandardCharsets.UTF_8);
    }

    private int length(int offset, int length) {
        int end = offset;
        while (end < offset + length && header[end] != 0) {
            end++;
        }
        return end - offset;
    }

    /** Octal digits, or from 8 GiB on a binary number whose first byte is 0x80. */
    private long number(int offset, int length) throws IOException {
        long value = 0;
        if ((header[offset] & 0x80) != 0) {
            for (int i = offset + 1; i < offset + length; i++) {
                value = value << 8 | Byte.toUnsignedLong(header[i]);
            }
            return value;
        }
        String digits = text(offset, length).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new IOException("the tar has a header that is none: size '" + digits + "'", e);
        }
    }
}
