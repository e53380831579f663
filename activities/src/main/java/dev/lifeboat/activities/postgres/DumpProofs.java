package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.domain.postgres.Dump;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/** Notes beside a dump's manifest of the runs that restored it and found it good. */
record DumpProofs(ObjectStore store, String cluster) {

    private static final int FORMAT = 1;

    /**
     * @param run    with its run id
     * @param checks how many were green
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Proof(int format, String dump, String database, String run, Instant provedAt, int checks) {}

    /** @return false where the dump is gone, and there is nothing that a proof could stand beside */
    boolean write(Dump dump, String run, String runId, Instant provedAt, int checks) {
        if (store.head(BucketLayout.dumpManifest(cluster, dump.id())).isEmpty()) {
            return false;
        }
        store.putIfAbsent(
                BucketLayout.dumpProof(cluster, dump.id(), provedAt, runId),
                Json.write(new Proof(FORMAT, dump.id(), dump.database(), run, provedAt, checks)));
        return true;
    }

    /** When a run last restored this dump and found it good; empty while none has. */
    Optional<Instant> provedAt(String dumpId) {
        return store.list(BucketLayout.dumpProofs(cluster, dumpId)).stream()
                .map(ObjectStore.StoredObject::key)
                .max(Comparator.naturalOrder())
                .map(key -> Json.read(store.readAll(key), Proof.class, store.addressOf(key))
                        .provedAt());
    }
}
