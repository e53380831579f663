package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Writes an archive: bytes as they are, numbers as {@code WriteInt} of pg_backup_archiver.c, and blocks that grow. */
final class BlockWriter {

    private static final int BUFFER = 1 << 20;

    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private final byte[] block;
    private int inBlock;
    private long position;

    BlockWriter(FileChannel file, int largestBlock) {
        this.file = file;
        this.block = new byte[largestBlock];
    }

    /** Of the next byte; not while a block is open. */
    long position() {
        return position;
    }

    void write(byte[] bytes, int from, int count) throws IOException {
        int left = count;
        while (left > 0) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int take = Math.min(left, buffer.remaining());
            buffer.put(bytes, from + count - left, take);
            left -= take;
        }
        position += count;
    }

    void integer(int value) throws IOException {
        int magnitude = Math.abs(value);
        byte[] bytes = {
            (byte) (value < 0 ? 1 : 0),
            (byte) magnitude,
            (byte) (magnitude >> 8),
            (byte) (magnitude >> 16),
            (byte) (magnitude >> 24)
        };
        write(bytes, 0, bytes.length);
    }

    /** Ends the open block where so many bytes do not fit into it; they must fit into an empty one. */
    void makeRoom(int count) throws IOException {
        if (inBlock + count > block.length) {
            endBlock();
        }
    }

    /** To the open block, which has room for it. */
    void add(byte[] bytes, int from, int count) {
        System.arraycopy(bytes, from, block, inBlock, count);
        inBlock += count;
    }

    /** Does nothing where none is open. */
    void endBlock() throws IOException {
        if (inBlock > 0) {
            integer(inBlock);
            write(block, 0, inBlock);
            inBlock = 0;
        }
    }

    void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
        buffer.clear();
    }
}
