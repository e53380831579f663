package dev.lifeboat.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ClockWatchTest {

    private final AtomicLong wall = new AtomicLong(1_000_000);
    private final AtomicLong nanos = new AtomicLong(-5);
    private final ClockWatch watch = new ClockWatch(wall::get, nanos::get);

    @Test
    void aClockThatWasSetBackIsNotedWithWhatTheAttemptReallyTook() {
        wall.addAndGet(-3_600_000 + 2_000);
        nanos.addAndGet(2_000_000_000L);

        assertThat(watch.noted(StepOutcome.of("done", "7@host"))).isInstanceOfSatisfying(StepOutcome.class, noted -> {
            assertThat(noted.tookMillis()).isEqualTo(2_000);
            assertThat(noted.clockJumpMillis()).isEqualTo(-3_600_000);
            assertThat(noted.detail()).isEqualTo("done");
        });
    }

    @Test
    void aClockThatWentOnIsNoJump() {
        wall.addAndGet(2_000);
        nanos.addAndGet(2_000_000_000L);

        assertThat(((StepOutcome) watch.noted(StepOutcome.of("", ""))).clockJumpMillis())
                .isZero();
    }
}
