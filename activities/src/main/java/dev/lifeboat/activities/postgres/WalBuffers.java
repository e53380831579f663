package dev.lifeboat.activities.postgres;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Segments in memory, each in an array that the next one of its size takes over: a collector that has to find room for
 * 16 MiB with every segment took a third of what archiving costs.
 */
final class WalBuffers {

    private static final int WORTH_KEEPING = 1 << 20;

    private final ConcurrentLinkedQueue<byte[]> free = new ConcurrentLinkedQueue<>();

    /** The whole content of a file, until it is released. */
    record Content(byte[] bytes, WalBuffers owner) {

        void release() {
            if (bytes.length >= WORTH_KEEPING) {
                owner.free.add(bytes);
            }
        }
    }

    Content read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] room = room(Math.toIntExact(Files.size(file)));
            if (in.readNBytes(room, 0, room.length) < room.length || in.read() >= 0) {
                throw new EOFException(file + " changed its size while it was read");
            }
            return new Content(room, this);
        }
    }

    /** Nothing is read for a while. */
    void clear() {
        free.clear();
    }

    private byte[] room(int size) {
        for (byte[] used = free.poll(); used != null; used = free.poll()) {
            if (used.length == size) {
                return used;
            }
        }
        return new byte[size];
    }
}
