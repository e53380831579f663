package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.Transcript;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * The mark in a manifest which says that retention has decided: from then on no catalogue shows the backup and nobody
 * restores it. What else stands in the manifest, also of a newer Lifeboat, stays as it is.
 */
record ExpiryMarks(ObjectStore store) {

    private static final String FIELD = "expiringSince";

    void set(String manifest, Instant since) {
        change(manifest, "marked " + manifest, content -> {
            if (content.hasNonNull(FIELD)) {
                return false;
            }
            content.put(FIELD, since.truncatedTo(ChronoUnit.SECONDS).toString());
            return true;
        });
    }

    /** It is a backup again. */
    void lift(String manifest) {
        change(manifest, "took the mark of " + manifest + " away", content -> content.remove(FIELD) != null);
    }

    /**
     * Of the very manifest that was read: somebody else may take the mark away, set it or remove the manifest at the same
     * moment, and one whose objects are gone must not come back.
     *
     * @param edit whether it changed something
     */
    private void change(String manifest, String done, Predicate<ObjectNode> edit) {
        AtomicBoolean changed = new AtomicBoolean();
        boolean there = store.change(manifest, bytes -> {
            ObjectNode content = Json.read(bytes, ObjectNode.class, store.addressOf(manifest));
            changed.set(edit.test(content));
            return changed.get() ? Optional.of(Json.write(content)) : Optional.empty();
        });
        if (there && changed.get()) {
            Transcript.note(done);
        }
    }
}
