package dev.lifeboat.activities.postgres;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/** zstd as the bucket holds it: level 1, with the content checksum that every reader verifies. */
final class Zstandard {

    private static final int LEVEL = 1;
    private static final int SPARE = 1 << 10;

    private Zstandard() {}

    /** The same bytes always give the same frame, so that writing an object again is recognised. */
    static byte[] compress(byte[] plain) {
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            context.setLevel(LEVEL).setChecksum(true);
            // Room for the worst case would be another whole segment on the heap, which WAL hardly ever needs.
            byte[] room = new byte[plain.length / 2 + SPARE];
            try {
                return Arrays.copyOf(room, context.compress(room, plain));
            } catch (ZstdException e) {
                if (e.getErrorCode() != Zstd.errDstSizeTooSmall()) {
                    throw e;
                }
                context.reset();
                return context.setLevel(LEVEL).setChecksum(true).compress(plain);
            }
        }
    }

    static OutputStream compressing(OutputStream target) throws IOException {
        return new ZstdOutputStreamNoFinalizer(target).setLevel(LEVEL).setChecksum(true);
    }

    /** Fails in the middle or at the end when the bytes are not what was compressed. */
    static InputStream decompressing(InputStream source) throws IOException {
        return new ZstdInputStreamNoFinalizer(source);
    }
}
