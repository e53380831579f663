package dev.lifeboat.activities.store;

import java.io.OutputStream;

/** A multipart upload as a stream. Closing it without {@link #complete} leaves nothing in the bucket. */
public abstract class Upload extends OutputStream {

    /**
     * Makes the object appear, durable and whole.
     *
     * @return what was stored
     */
    public abstract Uploaded complete();

    /** @param sha256 of the stored bytes since {@link StoredUpload#beginDigest}, or of all of them, in lower-case hexadecimal */
    public record Uploaded(String key, long size, String sha256) {}
}
