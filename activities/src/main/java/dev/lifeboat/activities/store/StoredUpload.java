package dev.lifeboat.activities.store;

/** An upload whose bytes are stored as they are written. */
public abstract class StoredUpload extends Upload {

    /** What was written until now does not count for the digest, only for the size. */
    public abstract void beginDigest();
}
