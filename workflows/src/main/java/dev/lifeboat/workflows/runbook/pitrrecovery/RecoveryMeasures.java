package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.ProvenPoint;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.SavedWal;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.Latest;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a recovery cost in data, as far as anybody saw it. */
final class RecoveryMeasures {

    private RecoveryMeasures() {}

    /**
     * How far the recovery point fell short of what was asked; null when nothing was seen to compare it with. A proved
     * stop at anything but the end of WAL is exactly what was asked.
     *
     * @param timesCompare false where the clock of the server went back: a span between its times says nothing then
     */
    static @Nullable Duration dataLoss(
            RecoveryTarget target, ProvenPoint proven, @Nullable SavedWal saved, boolean timesCompare) {
        if (!(target instanceof Latest)) {
            return Duration.ZERO;
        }
        if (!timesCompare) {
            return null;
        }
        Instant seen = saved == null ? null : saved.lastSeenCommitAt();
        return between(proven.point().lastCommitAt(), seen);
    }

    /** What was left behind on purpose: from the recovery point to the last commit that could have been had. */
    static @Nullable Duration givenUp(
            ProvenPoint proven, @Nullable Instant lastKnownAtPlanning, @Nullable SavedWal saved) {
        Instant last = later(proven.lastKnownCommitAt(), lastKnownAtPlanning);
        Instant seen = saved == null ? null : saved.lastSeenCommitAt();
        // What was seen and could not be saved is lost, not given up.
        Instant had = last == null ? seen : last;
        return between(proven.point().lastCommitAt(), had);
    }

    private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isAfter(other) ? one : other;
    }

    private static @Nullable Duration between(@Nullable Instant from, @Nullable Instant to) {
        if (from == null || to == null) {
            return null;
        }
        Duration span = Duration.between(from, to);
        return span.isNegative() ? Duration.ZERO : span;
    }
}
