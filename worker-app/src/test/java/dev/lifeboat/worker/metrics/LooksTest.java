package dev.lifeboat.worker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LooksTest {

    private static final Instant NOW = Instant.parse("2026-08-22T09:15:00Z");

    /** The next look waits twenty times as long as the last one took, which may have been a second on a busy machine. */
    private static final long LIMIT_SECONDS = 180;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Looks looks = new Looks(registry, Duration.ofSeconds(1), Clock.fixed(NOW, ZoneOffset.UTC));

    @AfterEach
    void end() {
        looks.close();
    }

    @Test
    void aLookThatTakesLongIsTakenLessOften() {
        Duration minute = Duration.ofMinutes(1);

        assertThat(Looks.pause(minute, Duration.ofSeconds(2))).isEqualTo(minute);
        assertThat(Looks.pause(minute, Duration.ofSeconds(30))).isEqualTo(Duration.ofMinutes(10));
        assertThat(Looks.pause(Duration.ZERO, Duration.ZERO)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aLookThatWaitedForABucketThatIsAwayIsTakenAgainSoon() {
        Duration minute = Duration.ofMinutes(1);

        assertThat(Looks.pauseAfterFailure(minute, Duration.ofSeconds(30))).isEqualTo(minute);
        assertThat(Looks.pauseAfterFailure(Duration.ofSeconds(1), Duration.ofSeconds(30)))
                .isEqualTo(Duration.ofSeconds(30));
        assertThat(Looks.pauseAfterFailure(Duration.ofSeconds(1), Duration.ofMillis(100)))
                .isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aLookThatFailsIsTakenAgainAndSaysWhenItLastSucceeded() throws InterruptedException {
        AtomicInteger turns = new AtomicInteger();
        CountDownLatch third = new CountDownLatch(3);

        looks.add("bucket", () -> {
            third.countDown();
            // The metric is set after the look, so the third turn sees what the second one left.
            if (turns.incrementAndGet() != 2) {
                throw new IllegalStateException("the bucket is away");
            }
        });

        assertThat(third.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(registry.get("lifeboat.look.timestamp.seconds")
                        .tag("look", "bucket")
                        .gauge()
                        .value())
                .isEqualTo(NOW.getEpochSecond());
        assertThat(registry.get("lifeboat.look.failures").counter().count())
                .as("the first, and those from the third on")
                .isBetween(1.0, turns.get() - 1.0);
    }

    @Test
    void aLookThatNeverSucceededHasNoTime() throws InterruptedException {
        CountDownLatch second = new CountDownLatch(2);

        looks.add("bucket", () -> {
            second.countDown();
            throw new IllegalStateException("the bucket is away");
        });

        assertThat(second.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(registry.get("lifeboat.look.timestamp.seconds").gauge().value())
                .isNaN();
    }
}
