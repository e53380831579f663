package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.Transcript;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The mark in a manifest which says that retention has decided: from then on no catalogue shows the backup and nobody
 * restores it. What else stands in the manifest, also of a newer Lifeboat, stays as it is.
 */
record ExpiryMarks(ObjectStore store) {

    private static final String FIELD = "expiringSince";

    void set(String manifest, Instant since) {
        ObjectNode content = read(manifest);
        if (!content.hasNonNull(FIELD)) {
            content.put(FIELD, since.truncatedTo(ChronoUnit.SECONDS).toString());
            store.put(manifest, Json.write(content));
            Transcript.note("marked " + manifest);
        }
    }

    /** It is a backup again. */
    void lift(String manifest) {
        ObjectNode content = read(manifest);
        if (content.remove(FIELD) != null) {
            store.put(manifest, Json.write(content));
            Transcript.note("took the mark of " + manifest + " away");
        }
    }

    private ObjectNode read(String manifest) {
        return Json.read(store.readAll(manifest), ObjectNode.class, store.addressOf(manifest));
    }
}
