package dev.lifeboat.workflows.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryStep;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunClockTest {

    private final RunClock clock = new RunClock();

    @Test
    void timesThatAgreeSayNothing() {
        assertThat(look(Duration.ofSeconds(40), Duration.ofSeconds(39), Duration.ofSeconds(1)))
                .isEmpty();
        assertThat(look(Duration.ofSeconds(40), Duration.ofSeconds(41), Duration.ofSeconds(-4)))
                .isEmpty();
        assertThat(clock.isTrusted()).isTrue();
    }

    @Test
    void anAttemptThatTookLongerThanItsStepMeansThatTemporalsClockWentBack() {
        assertThat(look(Duration.ZERO, Duration.ofSeconds(39), Duration.ZERO))
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains("Temporal was set back in step replay-wal", "not measured");
        assertThat(clock.isTrusted()).isFalse();
    }

    @Test
    void aWorkersClockThatJumpedAloneIsAFindingAndTheRecoveryTimeStands() {
        assertThat(look(Duration.ofSeconds(40), Duration.ofSeconds(39), Duration.ofHours(3)))
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains("7@host was set forward by 3h");
        assertThat(clock.isTrusted()).isTrue();
    }

    @Test
    void aJumpThatTemporalMadeTooIsNoRecoveryTime() {
        assertThat(look(Duration.ofHours(3).plusSeconds(40), Duration.ofSeconds(39), Duration.ofHours(3)))
                .extracting(Finding::what)
                .anySatisfy(what -> assertThat(what).contains("Temporal was set forward"));
        assertThat(clock.isTrusted()).isFalse();
    }

    /** The worker was away for an hour, and nobody's clock jumped. */
    @Test
    void aStepThatWaitedForAWorkerIsNoJump() {
        assertThat(look(Duration.ofHours(1), Duration.ofSeconds(39), Duration.ZERO))
                .isEmpty();
        assertThat(clock.isTrusted()).isTrue();
    }

    /** As in histories that were recorded before it was measured. */
    @Test
    void whatWasNotMeasuredSaysNothing() {
        assertThat(look(Duration.ofSeconds(40), Duration.ZERO, Duration.ZERO)).isEmpty();
    }

    private List<Finding> look(Duration elapsed, Duration took, Duration jump) {
        return clock.look(
                PitrRecoveryStep.REPLAY_WAL,
                elapsed,
                new StepOutcome("", List.of(), List.of(), List.of(), "7@host")
                        .withTimes(took.toMillis(), jump.toMillis()));
    }
}
