package dev.lifeboat.activities.store;

import java.io.InputStream;

/** The plain bytes of one object of data. */
public abstract class StoredData extends InputStream {

    /** {@code s3://...}, for people. */
    public abstract String address();

    /**
     * What a manifest notes of the stored object. Reads on to its end first, also where its bytes cannot be decrypted: only
     * whole can the digest tell damage on the way from damage at its source.
     */
    public abstract String sha256() throws java.io.IOException;
}
