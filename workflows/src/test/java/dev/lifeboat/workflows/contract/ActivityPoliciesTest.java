package dev.lifeboat.workflows.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.domain.FailureCode;
import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ActivityPoliciesTest {

    private static final List<ActivityOptions> ALL = List.of(
            ActivityPolicies.probe("q"),
            ActivityPolicies.patientProbe("q"),
            ActivityPolicies.smallWrite("q"),
            ActivityPolicies.shortChange("q"),
            ActivityPolicies.longRunning("q"));

    @Test
    void aWorkerThatWasKilledIsNoticedWithinEightSeconds() {
        assertThat(ALL)
                .extracting(ActivityOptions::getHeartbeatTimeout)
                .allSatisfy(limit -> assertThat(limit).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(8)));
    }

    @Test
    void theNextAttemptWaitsFiveSecondsAtMostAndASafetyStopHasNone() {
        assertThat(ALL).allSatisfy(options -> {
            assertThat(options.getRetryOptions().getMaximumInterval()).isLessThanOrEqualTo(Duration.ofSeconds(5));
            assertThat(options.getRetryOptions().getDoNotRetry())
                    .contains(FailureCode.FENCED_OUT.name(), FailureCode.RECOVERY_POINT_WRONG.name())
                    .doesNotContain(FailureCode.OBJECT_STORE_UNREACHABLE.name());
        });
    }

    @Test
    void anUndoWaitsForTheEndOfTheStepThatItUndoes() {
        assertThat(ALL)
                .extracting(ActivityOptions::getCancellationType)
                .containsOnly(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED);
    }
}
