package dev.lifeboat.activities.store;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The objects that hold data: chunks of base backups, WAL, dumps. Where {@code bucket.encryption} is set they are encrypted
 * on their way, and {@code .enc} is at the end of their names; what is stored already is read as its name tells. Manifests,
 * indexes, leases and evidence do not pass here.
 */
public interface DataObjects {

    /** The key under which a new object of data is stored: with {@code .enc} where encryption is on. */
    String keyFor(String plainKey);

    /**
     * Begins an object of data in bounded memory.
     *
     * @param key from {@link #keyFor}
     * @return takes plain bytes; what it tells at its end is size and SHA-256 of what a manifest notes of the stored object
     */
    Upload upload(String key);

    /**
     * The plain bytes of an object of data, to be closed by the caller. None is given out before it is authenticated, where
     * it is encrypted.
     *
     * @param sha256 what its manifest notes; a stored object with another digest fails before the end of the stream is
     *     reached. Null where nothing is noted
     */
    InputStream read(String key, @Nullable String sha256);
}
