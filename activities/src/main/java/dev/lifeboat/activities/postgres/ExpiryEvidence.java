package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.config.LifeboatConfig.Retention;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Expiry;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.ExpiryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Item;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole list of what went, with the reason for each, in the evidence folder of its run: written before anything is
 * touched, and again when it is done. A later attempt writes another one beside it.
 */
final class ExpiryEvidence {

    private static final String NAME = "expired-";

    private final ObjectStore store;
    private final String key;
    private final Retention retention;
    private final Instant decidedAt;
    private final List<Item> decided;

    /** @param decidedAt by the clock that the plan was made by */
    ExpiryEvidence(
            ObjectStore store,
            ExpiryOrder order,
            String runId,
            Retention retention,
            Instant decidedAt,
            List<Item> decided) {
        this.store = store;
        String folder = BucketLayout.evidence(order.run(), order.runStartedAt(), runId);
        this.key = folder + NAME + (store.list(folder + NAME).size() + 1) + ".json";
        this.retention = retention;
        this.decidedAt = decidedAt;
        this.decided = decided;
    }

    /** @param done null while it goes on, and of an attempt that was killed */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Content(
            int format, Instant decidedAt, Retention retention, List<Item> toGo, @Nullable Expiry done) {}

    String address() {
        return store.addressOf(key);
    }

    void begin() {
        write(null);
    }

    void end(Expiry done) {
        write(done);
    }

    private void write(@Nullable Expiry done) {
        store.put(key, Json.write(new Content(1, decidedAt, retention, decided, done)));
    }
}
