package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NeededWalTest {

    private final NeededWal wal = new NeededWal(
            TestPlans.plan(new RecoveryTarget.Latest(), null, Placement.IN_PLACE, Path.of("/x")),
            WalSegmentSize.DEFAULT);

    @Test
    void aSegmentInWhichATimelineEndsIsNeededOfTheNextOne() {
        assertThat(wal.nameOf(4)).isEqualTo("000000010000000000000004");
        assertThat(wal.nameOf(5)).isEqualTo("000000020000000000000005");
        assertThat(wal.needs("000000020000000000000005")).isTrue();
        assertThat(wal.needs("000000010000000000000005")).isFalse();
    }

    @Test
    void whatLiesOutsideOfThePlanMayBeAbsent() {
        assertThat(wal.needs("000000010000000000000003")).isTrue();
        assertThat(wal.needs("000000020000000000000007")).isTrue();
        assertThat(wal.needs("000000020000000000000008")).isFalse();
        assertThat(wal.needs("000000010000000000000002")).isFalse();
        assertThat(wal.needs("00000003.history")).isFalse();
    }
}
