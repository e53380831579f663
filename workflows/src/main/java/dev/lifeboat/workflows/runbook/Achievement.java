package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a runbook alone knows about its success; null for what was not measured, or not reached.
 *
 * @param recoveryTime machine time until the smoke tests were green
 */
public record Achievement(
        @Nullable Duration recoveryTime,
        @Nullable Duration dataLoss,
        @Nullable Duration givenUp,
        @Nullable RecoveryPoint point,
        @Nullable Source source) {

    public static final Achievement NONE = new Achievement(null, null, null, null, null);

    /** Nothing but what the data came from, or was written to. */
    public static Achievement of(Source source) {
        return new Achievement(null, null, null, null, source);
    }
}
