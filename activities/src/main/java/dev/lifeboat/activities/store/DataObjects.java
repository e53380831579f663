package dev.lifeboat.activities.store;

import dev.lifeboat.activities.store.ObjectStore.Version;
import dev.lifeboat.activities.store.Upload.Uploaded;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The objects that hold data: chunks of base backups, WAL, dumps. Where {@code bucket.encryption} is set they are encrypted
 * on their way, and {@code .enc} is at the end of their names; what is stored already is read as its name tells. Manifests,
 * indexes, leases and evidence do not pass here.
 *
 * <p>A manifest notes the <b>whole size</b> of a stored object, and the SHA-256 of all its bytes <b>but the header</b> of an
 * encrypted one. The header has one size for ever, and says for whom the object's key is wrapped: when that changes, neither
 * the size nor the digest does, and no manifest lies.
 *
 * <p>What fails says so with a code of its own. WRONG_KEY, IDENTITY_MISSING, KEY_FILE_UNUSABLE: the object may be right, and
 * this worker cannot read it ({@link #isUnreadable}). HEADER_ALTERED, OBJECT_ALTERED, OBJECT_TRUNCATED, OBJECT_SWAPPED: it is
 * not what was stored ({@link #isDamage}).
 */
public interface DataObjects {

    /** At the end of the name of every encrypted object. */
    String ENCRYPTED = ".enc";

    Set<FailureCode> DAMAGE = Set.of(
            FailureCode.HEADER_ALTERED,
            FailureCode.OBJECT_ALTERED,
            FailureCode.OBJECT_TRUNCATED,
            FailureCode.OBJECT_SWAPPED);
    Set<FailureCode> UNREADABLE =
            Set.of(FailureCode.WRONG_KEY, FailureCode.IDENTITY_MISSING, FailureCode.KEY_FILE_UNUSABLE);

    /** The data in this bucket, with the keys that it was configured with. */
    static DataObjects of(ObjectStore store) {
        Optional<DataKeys> keys = store.encryption();
        return keys.isPresent() ? new SealedObjects(store, keys.get()) : new PlainObjects(store);
    }

    static boolean isEncrypted(String key) {
        return key.endsWith(ENCRYPTED);
    }

    /** Whether the stored bytes are not those that were written. */
    static boolean isDamage(RecoveryFailure failure) {
        return DAMAGE.contains(failure.code());
    }

    /** Whether only this worker lacks the key. */
    static boolean isUnreadable(RecoveryFailure failure) {
        return UNREADABLE.contains(failure.code());
    }

    /** The key under which a new object of data is stored: with {@code .enc} where encryption is on. */
    String keyFor(String plainKey);

    /** Every key under which this object may have been stored, that of {@link #keyFor} first: encryption may have been switched. */
    default List<String> keysFor(String plainKey) {
        String key = keyFor(plainKey);
        return List.of(key, isEncrypted(key) ? plainKey : plainKey + ENCRYPTED);
    }

    /**
     * Begins an object of data in bounded memory.
     *
     * @param key from {@link #keyFor}
     * @return takes plain bytes; what it tells at its end is size and SHA-256 of what a manifest notes of the stored object
     */
    Upload upload(String key);

    /**
     * Writes a small object of data only if there is none with this key.
     *
     * @param fingerprint tells later, to who cannot decrypt it, whether other content is the same; it is stored in the clear
     * @return false when there is one already, which is left as it is
     */
    boolean putIfAbsent(String key, byte[] content, String fingerprint);

    /** What was given to {@link #putIfAbsent}; empty where it was not noted, as for what is not encrypted. */
    Optional<String> fingerprint(String key);

    /**
     * The plain bytes of an object of data, to be closed by the caller. None is given out before it is authenticated, where
     * it is encrypted.
     *
     * @param sha256 what its manifest notes; a stored object with another digest fails before the end of the stream is
     *     reached. Null where nothing is noted
     */
    default InputStream read(String key, @Nullable String sha256) {
        StoredData data = open(key);
        return sha256 == null ? data : new CheckedData(data, sha256);
    }

    /** The same, for who compares the digest himself. */
    StoredData open(String key);

    /** The same, of one of {@link ObjectStore#earlierVersions}. */
    StoredData open(String key, Version version);

    /**
     * Reads a stored object to its end, and proves as much of it as can be proved with the keys at hand: size and digest
     * always, every byte where it can be decrypted.
     *
     * @param read is told how many stored bytes were read since it was told last
     */
    Uploaded readBack(String key, LongConsumer read);

    /** @throws RecoveryFailure WRONG_KEY, IDENTITY_MISSING or KEY_FILE_UNUSABLE where this worker cannot decrypt this object */
    void requireReadable(String key);
}
