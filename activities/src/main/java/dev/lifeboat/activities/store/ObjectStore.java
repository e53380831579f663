package dev.lifeboat.activities.store;

import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The one port to the bucket. Keys are relative to the configured prefix. Every method throws {@code RecoveryFailure}:
 * OBJECT_MISSING when the store said that the object is not there, OBJECT_STORE_UNREACHABLE when it could not be found
 * out; the two are never confused.
 */
public interface ObjectStore {

    /** Writes or replaces a small object. */
    void put(String key, byte[] content);

    /**
     * Writes an object only if there is none with this key.
     *
     * @return false when there is one already, which is left as it is; when an attempt whose answer was lost has written
     *     these very bytes, true
     */
    boolean putIfAbsent(String key, byte[] content);

    /** Begins an object of any size in bounded memory; it exists only after {@link Upload#complete}. */
    StoredUpload upload(String key);

    /** The whole object, to be closed by the caller. A stream that breaks is continued where it broke. */
    InputStream read(String key);

    /**
     * The contents that an object had before the one it has, or before it was removed, newest first. Empty where the bucket
     * keeps none, which most do not.
     */
    List<Version> earlierVersions(String key);

    /** One of {@link #earlierVersions}. */
    InputStream read(String key, Version version);

    byte[] readAll(String key);

    Optional<StoredObject> head(String key);

    /** Every object below this prefix, in the order of keys. Never a part of the list. */
    List<StoredObject> list(String prefix);

    /** The same with when each was written, by the store's clock. */
    List<WrittenObject> listWritten(String prefix);

    /** The names directly below this prefix that have objects below them, without slashes, in order. */
    List<String> listFolders(String prefix);

    /** Removes an object; one that is not there is no error. */
    void delete(String key);

    /**
     * Removes many objects, in as few calls as the store knows; one that is not there is no error. They go in no order.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure CREDENTIALS_REFUSED when these keys may not delete; what went
     *     before that is gone
     */
    Deletion deleteAll(List<String> keys);

    /**
     * Removes the parts of uploads below this prefix that nobody completed, as a killed process leaves them: no list shows
     * them, but they are paid for. Only the one that may write there may call it; an upload that is still going on fails.
     * MinIO finds them only by the whole key, and removes them by itself after a day.
     */
    void discardUploads(String prefix);

    /** The address of a key, for people: {@code s3://bucket/prefix/key}. */
    String addressOf(String key);

    /**
     * Writes the first bytes of an object anew, as many as there were, and leaves the rest, which does not travel where it
     * is large. At every moment the object is whole: as before, or as after.
     *
     * @param length of what {@code change} is given, less where the object is shorter
     * @param change what to write instead; empty to leave it as it is. Asked again when somebody else writes meanwhile
     * @return false when there is no such object
     */
    boolean rewriteHead(String key, int length, Function<byte[], Optional<byte[]>> change);

    /**
     * Writes a small object anew, in place of the very one that was read.
     *
     * @param change what to write instead; empty to leave it as it is. Asked again when somebody else writes meanwhile
     * @return false when there is no such object, also when it was removed meanwhile: it is not made again
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure OBJECT_CHANGED when somebody else was faster again and again
     */
    boolean change(String key, Function<byte[], Optional<byte[]>> change);

    /** The keys for what is data in this bucket; {@link DataObjects#of} uses them. Empty where nothing is encrypted. */
    Optional<DataKeys> encryption();

    /** The store's clock, to the second, as its answers carry it; empty when they carry none. */
    Optional<Instant> clock();

    /**
     * @param id as the store names it
     * @param at when it was written
     */
    record Version(String id, Instant at) {}

    /** @param size bytes as stored */
    record StoredObject(String key, long size) {}

    /** @param at when it was written, or written again */
    record WrittenObject(String key, long size, Instant at) {}

    /**
     * What became of objects that were to be removed.
     *
     * @param refused    what the bucket keeps by a rule of its own, such as an object lock or a legal hold
     * @param asVersions how many it goes on keeping as earlier versions, which its own rules remove one day
     */
    record Deletion(List<Refusal> refused, int asVersions) {}

    /** @param why in the store's words */
    record Refusal(String key, String why) {}
}
