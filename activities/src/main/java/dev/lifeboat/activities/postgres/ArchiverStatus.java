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
 * @param files       archived by this process since its start
 * @param bytes       of them, before compression
 * @param failures    attempts that failed since the start of this process
 */
public record ArchiverStatus(
        boolean active,
        int ready,
        Duration oldestReady,
        @Nullable String lastArchived,
        @Nullable Instant lastArchivedAt,
        @Nullable String lastError,
        long files,
        long bytes,
        long failures) {

    static final ArchiverStatus IDLE = new ArchiverStatus(false, 0, Duration.ZERO, null, null, null, 0, 0, 0);
}
