package dev.lifeboat.workflows.domain.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TimelineHistoryTest {

    private static final String THIRD =
            """
            1\t0/A000198\tbefore 2026-08-22 09:15:00.31+00

            # a comment
            2\t0/C000000\tno recovery target specified
            """;

    @Test
    void knowsWhichAncestorHoldsAPosition() {
        TimelineHistory history = TimelineHistory.parse(3, THIRD);

        assertThat(history.timelineAt(Lsn.parse("0/A000197"))).isEqualTo(1);
        assertThat(history.timelineAt(Lsn.parse("0/A000198"))).isEqualTo(2);
        assertThat(history.timelineAt(Lsn.parse("0/C000000"))).isEqualTo(3);
    }

    @Test
    void knowsItsAncestorsAndItself() {
        TimelineHistory history = TimelineHistory.parse(3, THIRD);

        assertThat(history.passesThrough(1)).isTrue();
        assertThat(history.passesThrough(3)).isTrue();
        assertThat(history.passesThrough(4)).isFalse();
    }

    @Test
    void refusesALineThatNamesNoPosition() {
        assertThatThrownBy(() -> TimelineHistory.parse(2, "1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeline 2");
    }

    @Test
    void theReasonOfAForkMayBeLeftOutAndANumberIsDecimal() {
        assertThat(TimelineHistory.parse(17, "10\t0/3000000\n# a comment\n\n16\t0/5000000\tno recovery target\n")
                        .forks())
                .containsExactly(
                        new TimelineHistory.Fork(10, Lsn.parse("0/3000000")),
                        new TimelineHistory.Fork(16, Lsn.parse("0/5000000")));
    }
}
