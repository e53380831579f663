package dev.lifeboat.activities.postgres;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.SoftReference;
import java.util.Arrays;

/** zstd as the bucket holds it: level 1, with the content checksum that every reader verifies. */
final class Zstandard {

    private static final int LEVEL = 1;
    private static final int SPARE = 1 << 10;
    private static final int WORTH_KEEPING = 1 << 20;
    private static final ThreadLocal<SoftReference<byte[]>> ROOM = new ThreadLocal<>();

    private Zstandard() {}

    static void configure(ZstdCompressCtx context) {
        context.setLevel(LEVEL).setChecksum(true);
    }

    /** The same bytes always give the same frame, so that writing an object again is recognised. */
    static byte[] compress(byte[] plain) {
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            context.setLevel(LEVEL).setChecksum(true);
            // Room for the worst case would be another whole segment on the heap, which WAL hardly ever needs.
            byte[] room = roomFor(plain.length / 2 + SPARE);
            try {
                return Arrays.copyOf(room, context.compressByteArray(room, 0, room.length, plain, 0, plain.length));
            } catch (ZstdException e) {
                if (e.getErrorCode() != Zstd.errDstSizeTooSmall()) {
                    throw e;
                }
                context.reset();
                return context.setLevel(LEVEL).setChecksum(true).compress(plain);
            }
        }
    }

    /** For segments the one that this thread had for the last, unless the heap had another use for it. */
    private static byte[] roomFor(int size) {
        if (size < WORTH_KEEPING) {
            return new byte[size];
        }
        SoftReference<byte[]> kept = ROOM.get();
        byte[] room = kept == null ? null : kept.get();
        if (room == null || room.length != size) {
            room = new byte[size];
            ROOM.set(new SoftReference<>(room));
        }
        return room;
    }

    static OutputStream compressing(OutputStream target) throws IOException {
        return new ZstdOutputStreamNoFinalizer(target).setLevel(LEVEL).setChecksum(true);
    }

    /** One frame, compressed by as many threads as there are cores. Its end does not end the target. */
    static OutputStream compressingOnAllCores(OutputStream target) throws IOException {
        return new ZstdOutputStreamNoFinalizer(new KeepOpen(target))
                .setLevel(LEVEL)
                .setChecksum(true)
                .setWorkers(Runtime.getRuntime().availableProcessors());
    }

    private static final class KeepOpen extends FilterOutputStream {
        KeepOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() {}
    }

    /** Fails in the middle or at the end when the bytes are not what was compressed. */
    static InputStream decompressing(InputStream source) throws IOException {
        return new ZstdInputStreamNoFinalizer(source);
    }
}
