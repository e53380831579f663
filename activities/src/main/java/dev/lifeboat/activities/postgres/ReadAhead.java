package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream in a thread of its own, a few megabytes ahead: what is fetched, decrypted and digested there does not wait
 * for what is decompressed and written here.
 */
final class ReadAhead extends InputStream {

    private static final int PIECE = 1 << 20;
    private static final int PIECES = 8;
    private static final byte[] END = {};

    private final InputStream source;
    private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(PIECES);
    private final Thread thread;
    private volatile @Nullable Exception failure;
    private byte[] piece = {};
    private int at;
    private boolean ended;

    ReadAhead(InputStream source) {
        this.source = source;
        this.thread = new Thread(this::run, "read-ahead");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public int read() throws IOException {
        return has() ? piece[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!has()) {
            return -1;
        }
        int count = Math.min(length, piece.length - at);
        System.arraycopy(piece, at, into, from, count);
        at += count;
        return count;
    }

    /** Never 0 before the end: what reads several compressed members takes that for the end of all. */
    @Override
    public int available() throws IOException {
        return has() ? piece.length - at : 0;
    }

    @Override
    public void close() throws IOException {
        ended = true;
        thread.interrupt();
        pieces.clear();
        source.close();
    }

    private boolean has() throws IOException {
        while (!ended && at == piece.length) {
            piece = take();
            at = 0;
            if (piece == END) {
                ended = true;
                rethrow();
            }
        }
        return !ended;
    }

    private byte[] take() throws IOException {
        try {
            return pieces.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted while a dump was read");
        }
    }

    private void rethrow() throws IOException {
        Exception seen = failure;
        if (seen instanceof IOException io) {
            throw io;
        }
        if (seen instanceof RuntimeException runtime) {
            throw runtime;
        }
    }

    private void run() {
        try {
            int count;
            do {
                byte[] next = new byte[PIECE];
                count = source.readNBytes(next, 0, PIECE);
                if (count > 0) {
                    put(count == PIECE ? next : java.util.Arrays.copyOf(next, count));
                }
            } while (count == PIECE);
        } catch (IOException | RuntimeException e) {
            failure = e;
        } catch (InterruptedException e) {
            return;
        }
        try {
            put(END);
        } catch (InterruptedException e) {
            // Closed: nobody reads any more.
        }
    }

    private void put(byte[] next) throws InterruptedException {
        while (!pieces.offer(next, 1, TimeUnit.SECONDS)) {
            if (ended) {
                throw new InterruptedException();
            }
        }
    }
}
