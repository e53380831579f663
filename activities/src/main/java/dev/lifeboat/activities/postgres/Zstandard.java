package dev.lifeboat.activities.postgres;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** zstd as the bucket holds it: level 1, with the content checksum that every reader verifies. */
final class Zstandard {

    private static final int LEVEL = 1;

    private Zstandard() {}

    /** The same bytes always give the same frame, so that writing an object again is recognised. */
    static byte[] compress(byte[] plain) {
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            return context.setLevel(LEVEL).setChecksum(true).compress(plain);
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
