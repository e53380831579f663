package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentSummaryTest {

    @Test
    void aSegmentThatWasReadWithoutTheOneBeforeOrNotToItsEndIsReadAgain() {
        assertThat(summary(true, false, 1).complete()).isTrue();
        assertThat(summary(true, true, 1).complete()).isFalse();
        assertThat(summary(false, false, 1).complete()).isFalse();
    }

    @Test
    void aTransactionMayBeAtEitherEndOfTheNumbersAndInNoneOfAnEmptySegment() {
        SegmentSummary summary = summary(true, false, 2);

        assertThat(summary.mayHoldXid(99)).isFalse();
        assertThat(summary.mayHoldXid(100)).isTrue();
        assertThat(summary.mayHoldXid(150)).isTrue();
        assertThat(summary.mayHoldXid(200)).isTrue();
        assertThat(summary.mayHoldXid(201)).isFalse();
        assertThat(summary(true, false, 0).mayHoldXid(150)).isFalse();
    }

    private static SegmentSummary summary(boolean whole, boolean headUnseen, int transactions) {
        return new SegmentSummary(
                "000000010000000000000003",
                whole,
                headUnseen,
                null,
                transactions,
                null,
                null,
                null,
                100,
                200,
                List.of(),
                List.of());
    }
}
