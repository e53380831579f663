package dev.lifeboat.activities.store;

import java.io.OutputStream;

/** A multipart upload as a stream. Closing it without {@link #complete} leaves nothing in the bucket. */
public abstract class Upload extends OutputStream {

    /** What was written until now does not count for the digest, only for the size. */
    public void beginDigest() {
        throw new UnsupportedOperationException("this upload has one digest for all of its bytes");
    }

    /**
     * Makes the object appear, durable and whole.
     *
     * @return what was stored
     */
    public abstract Uploaded complete();

    /** @param sha256 of the stored bytes since {@link #beginDigest}, or of all of them, in lower-case hexadecimal */
    public record Uploaded(String key, long size, String sha256) {}
}
