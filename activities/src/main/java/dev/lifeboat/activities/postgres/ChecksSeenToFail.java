package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.evidence.SeenToFail;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.Map;
import java.util.TreeMap;

/**
 * When each check of a cluster last failed on purpose, kept in the bucket from run to run. Written by nobody but the holder
 * of the verification's lease.
 */
record ChecksSeenToFail(ObjectStore store, String cluster) {

    private static final int FORMAT = 1;

    record Book(int format, String cluster, Map<String, SeenToFail> checks) {}

    /** Empty while none was. One that cannot be understood says nothing, and is written anew by the next proof. */
    Map<String, SeenToFail> read() {
        String key = BucketLayout.checksSeenToFail(cluster);
        try {
            Book book = Json.read(store.readAll(key), Book.class, store.addressOf(key));
            return book.checks() == null ? Map.of() : Map.copyOf(book.checks());
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.OBJECT_MISSING || e.code() == FailureCode.UNEXPECTED_STATE) {
                return Map.of();
            }
            throw e;
        }
    }

    /** @return all that is known now */
    Map<String, SeenToFail> add(Map<String, SeenToFail> seen) {
        Map<String, SeenToFail> all = new TreeMap<>(read());
        all.putAll(seen);
        store.put(BucketLayout.checksSeenToFail(cluster), Json.write(new Book(FORMAT, cluster, all)));
        return Map.copyOf(all);
    }
}
