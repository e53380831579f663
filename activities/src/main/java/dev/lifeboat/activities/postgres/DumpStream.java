package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.DumpManifest.Stored;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.activities.store.Upload.Uploaded;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A stream on its way into one object of the bucket, compressed on all cores; nothing is put down in between. */
final class DumpStream implements AutoCloseable {

    /** What a pipe gives at once. */
    private static final int PIECE = 64 << 10;

    private final Upload upload;
    private final OutputStream compressed;
    private long bytes;

    DumpStream(DataObjects data, String key) throws IOException {
        this.upload = data.upload(key);
        this.compressed = Zstandard.compressingOnAllCores(upload);
    }

    /** Told how many bytes have passed; may throw to end it. */
    interface Passing {
        void passed(long bytes) throws IOException, InterruptedException;
    }

    void copy(InputStream from, Passing passing) throws IOException, InterruptedException {
        byte[] piece = new byte[PIECE];
        for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
            compressed.write(piece, 0, count);
            bytes += count;
            passing.passed(bytes);
        }
    }

    /** Makes the object appear. */
    Stored complete() throws IOException {
        compressed.close();
        Uploaded uploaded = upload.complete();
        return new Stored(uploaded.key(), bytes, uploaded.size(), uploaded.sha256());
    }

    /** What is not complete leaves nothing in the bucket. */
    @Override
    public void close() throws IOException {
        try (upload) {
            compressed.close();
        }
    }
}
