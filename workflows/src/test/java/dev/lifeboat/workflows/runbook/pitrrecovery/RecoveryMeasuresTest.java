package dev.lifeboat.workflows.runbook.pitrrecovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.ProvenPoint;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.SavedWal;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecoveryMeasuresTest {

    private static final Instant NINE = Instant.parse("2026-08-22T09:00:00Z");
    private static final RecoveryTarget LATEST = new RecoveryTarget.Latest();

    @Test
    void aTargetThatWasReachedLosesNothing() {
        assertThat(RecoveryMeasures.dataLoss(new RecoveryTarget.AtTime(NINE), proven(NINE, null), null, true))
                .isZero();
    }

    @Test
    void afterALostDiskTheLossGoesToTheLastCommitThatAnybodySaw() {
        SavedWal saved = saved(NINE.plusSeconds(40));

        assertThat(RecoveryMeasures.dataLoss(LATEST, proven(NINE, NINE), saved, true))
                .isEqualTo(Duration.ofSeconds(40));
    }

    @Test
    void aCommitSeenBeforeTheRecoveryPointIsNoGain() {
        assertThat(RecoveryMeasures.dataLoss(LATEST, proven(NINE, NINE), saved(NINE.minusSeconds(1)), true))
                .isZero();
    }

    @Test
    void whatNobodySawIsNotMeasured() {
        assertThat(RecoveryMeasures.dataLoss(LATEST, proven(NINE, NINE), saved(null), true))
                .isNull();
        assertThat(RecoveryMeasures.dataLoss(LATEST, proven(NINE, NINE), null, true))
                .isNull();
        assertThat(RecoveryMeasures.dataLoss(LATEST, proven(null, NINE), saved(NINE), true))
                .isNull();
    }

    @Test
    void whereTheClockWentBackNoLossIsMeasuredByIt() {
        assertThat(RecoveryMeasures.dataLoss(LATEST, proven(NINE, NINE), saved(NINE.minusSeconds(3600)), false))
                .isNull();
        assertThat(RecoveryMeasures.dataLoss(new RecoveryTarget.AtTime(NINE), proven(NINE, null), null, false))
                .isZero();
    }

    @Test
    void givenUpGoesToTheLastCommitThatCouldHaveBeenHad() {
        assertThat(RecoveryMeasures.givenUp(proven(NINE, NINE.plusSeconds(10)), NINE.plusSeconds(7), null))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(RecoveryMeasures.givenUp(proven(NINE, null), NINE.plusSeconds(7), saved(NINE.plusSeconds(99))))
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(RecoveryMeasures.givenUp(proven(NINE, NINE.plusSeconds(10)), null, null))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(RecoveryMeasures.givenUp(proven(NINE, null), null, null)).isNull();
    }

    private static ProvenPoint proven(@Nullable Instant lastIn, @Nullable Instant lastKnown) {
        RecoveryPoint point = new RecoveryPoint(Lsn.parse("0/5000000"), 2, lastIn, null);
        return new ProvenPoint(StepOutcome.of("", "1@a"), point, lastKnown, "a", "b", 1);
    }

    private static SavedWal saved(@Nullable Instant lastSeen) {
        return new SavedWal(StepOutcome.of("", "1@a"), List.of(), null, lastSeen);
    }
}
