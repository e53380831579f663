package dev.lifeboat.activities.postgres;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How WAL archiving of one cluster stands, for health checks.
 *
 * @param active      whether this process is the one that archives
 * @param ready       files that PostgreSQL has finished and that are not archived yet
 * @param oldestReady age of the oldest of them; zero without one
 * @param lastError   why the last attempt failed; null when it did not
 */
public record ArchiverStatus(
        boolean active,
        int ready,
        Duration oldestReady,
        @Nullable String lastArchived,
        @Nullable Instant lastArchivedAt,
        @Nullable String lastError) {

    static final ArchiverStatus IDLE = new ArchiverStatus(false, 0, Duration.ZERO, null, null, null);
}
