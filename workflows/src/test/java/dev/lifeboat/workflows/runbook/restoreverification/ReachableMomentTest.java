package dev.lifeboat.workflows.runbook.restoreverification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Hole;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.DumpsToVerify;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReachableMomentTest {

    private static final Instant ONE = Instant.parse("2026-08-22T01:00:00.123456Z");
    private static final Instant TWO = Instant.parse("2026-08-22T02:00:00.500Z");
    private static final Instant FIVE = Instant.parse("2026-08-22T05:00:00Z");
    private static final Instant SIX = Instant.parse("2026-08-22T06:00:00Z");

    @Test
    void everyMomentLiesWithinARangeAndNeverInTheHoleBetweenThem() {
        Window window = window(range(1, ONE, TWO), range(2, FIVE, SIX));

        List<ReachableMoment> drawn = IntStream.range(0, 10_000)
                .mapToObj(lot -> ReachableMoment.draw(window, lot / 10_000.0).orElseThrow())
                .toList();

        assertThat(drawn).allSatisfy(moment -> {
            boolean first = moment.timeline() == 1;
            assertThat(moment.time()).isAfter(first ? ONE : FIVE).isBefore(first ? TWO : SIX);
        });
        // Both ranges are about an hour long.
        assertThat(drawn.stream().filter(moment -> moment.timeline() == 1).count())
                .isBetween(4_990L, 5_010L);
    }

    @Test
    void theFirstAndTheLastLotAreReachableToo() {
        Window window = window(range(1, ONE, TWO));

        assertThat(ReachableMoment.draw(window, 0).orElseThrow().time()).isAfter(ONE);
        assertThat(ReachableMoment.draw(window, Math.nextDown(1.0))
                        .orElseThrow()
                        .time())
                .isBefore(TWO);
    }

    @Test
    void withoutACommitAfterABaseBackupThereIsNone() {
        assertThat(ReachableMoment.draw(window(), 0.5)).isEmpty();
        assertThat(ReachableMoment.draw(window(range(1, ONE, null)), 0.5)).isEmpty();
        assertThat(ReachableMoment.draw(window(range(1, ONE, ONE.plusNanos(1000))), 0.5))
                .isEmpty();
    }

    @Test
    void theOrderOfTheDrillIsReadAsWhatARecoveryTakes() throws IOException {
        DrillOrder order = DrillOrder.of(RestoreVerificationPlanTest.request(), "main", new ReachableMoment(FIVE, 2));

        PitrRecoveryInput read =
                PayloadMapper.json().readValue(PayloadMapper.json().writeValueAsBytes(order), PitrRecoveryInput.class);

        assertThat(read)
                .isEqualTo(new PitrRecoveryInput(
                        RestoreVerificationPlanTest.request(),
                        "main",
                        new RecoveryTarget.AtTime(FIVE),
                        false,
                        "2",
                        null,
                        Placement.DRILL,
                        null,
                        0));
    }

    @Test
    void whatTheNewestDumpLosesIsMeasuredToNowAndOfAnOlderOneToItsOwnSnapshot() {
        Dump dump = DumpsToVerify.dump("d", "shop");
        Instant marker = DumpsToVerify.TAKEN.minusSeconds(30);
        Instant now = DumpsToVerify.TAKEN.plus(Duration.ofHours(3));

        assertThat(VerificationMeasures.dataLoss(dump, true, marker, now))
                .isEqualTo(Duration.ofHours(3).plusSeconds(30));
        assertThat(VerificationMeasures.dataLoss(dump, false, marker, now)).isEqualTo(Duration.ofSeconds(30));
        assertThat(VerificationMeasures.dataLoss(dump, true, null, now)).isNull();
        assertThat(VerificationMeasures.dataLoss(dump, false, DumpsToVerify.TAKEN.plusSeconds(1), now))
                .isZero();
    }

    private static Window window(Range... ranges) {
        return new Window(List.of(ranges), List.of(new Hole(1, List.of("0000000100000000000000A7"))), null);
    }

    private static Range range(int timeline, Instant from, @Nullable Instant to) {
        return new Range(timeline, from, to, Lsn.parse("0/1"), Lsn.parse("0/2"));
    }
}
