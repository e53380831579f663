package dev.lifeboat.workflows.domain.postgres;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where recovery did stop, proved by the copy's own log and the WAL.
 *
 * @param lsn          the position up to which WAL was applied
 * @param timeline     the new timeline
 * @param lastCommitAt the last transaction that is in; null when the WAL replayed held none
 * @param nextCommitAt the first that is not in; null when none is known
 */
public record RecoveryPoint(Lsn lsn, int timeline, @Nullable Instant lastCommitAt, @Nullable Instant nextCommitAt) {}
