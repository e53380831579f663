package dev.lifeboat.activities.objectstore;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Since when each schedule is known as it is, kept in the bucket: the configuration does not say it, and neither does a worker
 * that was started a minute ago. One object for each cron of each schedule, written by whoever sees it first and never changed.
 */
public record KnownSchedules(ObjectStore store, Clock clock) {

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Known(int format, String run, String cron, Instant since) {}

    /** @param run the name of its runs, which is also its id */
    public Instant since(String run, String cron) {
        String key = BucketLayout.scheduleKnown(run, cron);
        if (store.head(key).isEmpty()) {
            Known now = new Known(1, run, cron, clock.instant().truncatedTo(ChronoUnit.SECONDS));
            if (store.putIfAbsent(key, Json.write(now))) {
                return now.since();
            }
        }
        return Json.read(store.readAll(key), Known.class, store.addressOf(key)).since();
    }
}
