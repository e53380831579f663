package dev.lifeboat.workflows.runbook.restoreverification;

import dev.lifeboat.workflows.domain.postgres.Dump;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a restore of a dump would have cost in data, by the rows of the marker. */
final class VerificationMeasures {

    private VerificationMeasures() {}

    /**
     * From the newest marker in the restored copy to the moment that was asked for: for the newest dump that is now, when
     * a disaster could have come; for an older one, which somebody chose, the snapshot that it was taken in.
     *
     * @param marker null where the copy holds none: then nothing was measured
     */
    static @Nullable Duration dataLoss(Dump dump, boolean newest, @Nullable Instant marker, Instant runStartedAt) {
        if (marker == null) {
            return null;
        }
        Duration loss = Duration.between(marker, newest ? runStartedAt : dump.startedAt());
        return loss.isNegative() ? Duration.ZERO : loss;
    }
}
