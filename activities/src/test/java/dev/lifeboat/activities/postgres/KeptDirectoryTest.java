package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeptDirectoryTest {

    private static final Instant UNTIL = Instant.parse("2026-08-29T09:00:00Z");

    private final KeptDirectory kept =
            new KeptDirectory(1, "old data directory", "/srv/pg/main.before-1", "run", UNTIL);

    @Test
    void aClockThatJumpedForwardDoesNotRemoveWhatWasToBeKept() {
        assertThat(kept.isDue(UNTIL.plusSeconds(1), () -> Optional.of(UNTIL.minusSeconds(1))))
                .isFalse();
        assertThat(kept.isDue(UNTIL.minusSeconds(1), () -> Optional.of(UNTIL.plusSeconds(1))))
                .isFalse();
    }

    @Test
    void itsDateIsOverWhenBothClocksSaySo() {
        assertThat(kept.isDue(UNTIL.plusSeconds(1), () -> Optional.of(UNTIL.plusSeconds(1))))
                .isTrue();
    }

    @Test
    void aStoreThatTellsNoTimeLeavesItToThisHost() {
        assertThat(kept.isDue(UNTIL.plusSeconds(1), Optional::empty)).isTrue();
    }
}
