package dev.lifeboat.activities.store;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Encrypts an object on its way to the bucket. */
final class SealedUpload extends Upload {

    private final Upload stored;
    private final OutputStream encrypting;

    private SealedUpload(Upload stored, OutputStream encrypting) {
        this.stored = stored;
        this.encrypting = encrypting;
    }

    static SealedUpload begin(StoredUpload stored, byte[] header, byte[] objectKey, String name) {
        try {
            stored.write(header);
            stored.beginDigest();
            return new SealedUpload(stored, SealedBody.encrypting(new KeepOpen(stored), objectKey, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void write(int b) throws IOException {
        encrypting.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        encrypting.write(bytes, offset, length);
    }

    @Override
    public Uploaded complete() {
        try {
            encrypting.close();
            stored.write(SealedBody.END);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return stored.complete();
    }

    /** Without an end, which nobody would take for an object. */
    @Override
    public void close() throws IOException {
        stored.close();
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
}
