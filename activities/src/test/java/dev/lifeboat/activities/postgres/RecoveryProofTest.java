package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecoveryProofTest {

    private static final Instant TARGET = Instant.parse("2026-08-22T09:15:00Z");
    private static final String STOP =
            "recovery stopping before commit of transaction 901, time 2026-08-22 09:15:00.31+00";

    @Test
    void aRecoveryThatStoppedWhereThePlanSaysIsProved() {
        RecoveryProof.Proven proven =
                prove(new RecoveryTarget.AtTime(TARGET), "0/6000100", "0/6000100", STOP, "2026-08-22 09:14:59+00");

        assertThat(proven.point().lsn()).isEqualTo(Lsn.parse("0/6000100"));
        assertThat(proven.point().timeline()).isEqualTo(3);
        assertThat(proven.point().nextCommitAt()).isEqualTo(Instant.parse("2026-08-22T09:15:00.310Z"));
        assertThat(proven.checks()).isNotEmpty().allMatch(check -> check.verdict() == Verdict.PASS);
    }

    @Test
    void theBeginOfARecordBehindAPageHeaderIsTheEndOfTheOneBeforeThePage() {
        assertThat(prove(new RecoveryTarget.AtTime(TARGET), "0/6002018", "0/6002000", STOP, null))
                .isNotNull();
        assertThat(prove(new RecoveryTarget.AtTime(TARGET), "0/6000028", "0/6000000", STOP, null))
                .isNotNull();
    }

    @Test
    void anotherPositionIsToldWithBothFacts() {
        wrong(
                () -> prove(new RecoveryTarget.AtTime(TARGET), "0/6000100", "0/5FFFF00", STOP, null),
                "0/6000100",
                "0/5FFFF00");
    }

    @Test
    void aTransactionAfterTheTargetMayNotBeIn() {
        wrong(
                () -> prove(
                        new RecoveryTarget.AtTime(TARGET), "0/6000100", "0/6000100", STOP, "2026-08-22 09:15:01+00"),
                "2026-08-22T09:15:00Z",
                "2026-08-22T09:15:01Z");
    }

    @Test
    void theEndOfWalIsNotATargetThatWasAskedFor() {
        wrong(() -> prove(new RecoveryTarget.AtTime(TARGET), "0/6000100", "0/6000100", "", null), "the end of WAL");
        wrong(() -> prove(new RecoveryTarget.AtXid(902), "0/6000100", "0/6000100", STOP, null), "901");
    }

    @Test
    void aTransactionOrRestorePointIsTheOneThatWasAskedFor() {
        String after = "recovery stopping after commit of transaction 902, time 2026-08-22 09:15:00.31+00";
        String point = "recovery stopping at restore point \"release\", time 2026-08-22 09:15:00.31+00";
        RecoveryTarget release = new RecoveryTarget.AtRestorePoint("release");

        assertThat(prove(new RecoveryTarget.AtXid(902), "0/6000100", "0/6000100", after, null))
                .isNotNull();
        assertThat(prove(release, "0/6000100", "0/6000100", point, null)).isNotNull();
        wrong(
                () -> prove(new RecoveryTarget.AtRestorePoint("other"), "0/6000100", "0/6000100", point, null),
                "release");
        wrong(() -> prove(release, "0/6000100", "0/6000100", after, null), "restore point", "902");
    }

    @Test
    void aPositionOrConsistencyIsToldFromOtherReasonsToStop() {
        String lsn = "recovery stopping after WAL location (LSN) \"0/6000100\"";
        String consistent = "recovery stopping after reaching consistency";
        RecoveryTarget at = new RecoveryTarget.AtLsn(Lsn.parse("0/6000100"));

        assertThat(prove(at, "0/6000100", "0/6000100", lsn, null)).isNotNull();
        wrong(() -> prove(at, "0/6000100", "0/6000100", STOP, null), "lsn");
        // The backup is whole from 0/3000138 on.
        assertThat(prove(new RecoveryTarget.Immediate(), null, "0/3000138", consistent, null))
                .isNotNull();
        wrong(
                () -> prove(new RecoveryTarget.Immediate(), null, "0/3000130", consistent, null),
                "0/3000138",
                "0/3000130");
        wrong(() -> prove(new RecoveryTarget.Immediate(), null, "0/3000138", STOP, null), "consistency");
        wrong(() -> prove(new RecoveryTarget.Latest(), null, "0/7000200", lsn, null), "the end of WAL");
    }

    @Test
    void theLastTransactionThatIsInMayBeAtTheVeryTarget() {
        RecoveryTarget target = new RecoveryTarget.AtTime(TARGET);

        assertThat(prove(target, "0/6000100", "0/6000100", STOP, "2026-08-22 09:15:00+00")
                        .checks())
                .extracting(Check::name)
                .contains("no transaction is in that ended after the target");
        assertThat(prove(target, "0/6000100", "0/6000100", STOP, "2026-08-22 09:14:59+00")
                        .point()
                        .lastCommitAt())
                .isEqualTo(Instant.parse("2026-08-22T09:14:59Z"));
    }

    @Test
    void aHistoryOfAnotherTimelineThanTheServerChoseProvesNothing() {
        String log = line(STOP) + line("selected new timeline ID: 4") + line("archive recovery complete");

        wrong(
                () -> new RecoveryProof(
                                TestPlans.plan(
                                        new RecoveryTarget.AtTime(TARGET),
                                        Lsn.parse("0/6000100"),
                                        Placement.DRILL,
                                        Path.of("/x")),
                                WalSegmentSize.DEFAULT)
                        .prove(new RecoveryProof.Evidence(
                                ReplayLog.parse(log.lines().toList()), history("0/6000100"), Optional.empty())),
                "new timeline",
                "4",
                "3");
    }

    @Test
    void latestMayNotEndBeforeTheLastWalThatIsKnown() {
        assertThat(prove(new RecoveryTarget.Latest(), null, "0/7000200", "", null))
                .isNotNull();
        wrong(() -> prove(new RecoveryTarget.Latest(), null, "0/70001F8", "", null), "0/7000200", "0/70001F8");
    }

    @Test
    void aLogThatDoesNotSayThatRecoveryEndedProvesNothing() {
        wrong(
                () -> new RecoveryProof(
                                TestPlans.plan(new RecoveryTarget.Latest(), null, Placement.DRILL, Path.of("/x")),
                                WalSegmentSize.DEFAULT)
                        .prove(new RecoveryProof.Evidence(
                                ReplayLog.parse(List.of()), history("0/7000200"), Optional.empty())),
                "archive recovery complete");
    }

    private static RecoveryProof.Proven prove(
            RecoveryTarget target, @Nullable String planned, String reached, String stop, @Nullable String last) {
        String log = line(stop)
                + (last == null ? "" : line("last completed transaction was at log time " + last))
                + line("selected new timeline ID: 3")
                + line("archive recovery complete");
        Lsn stopLsn = planned == null ? null : Lsn.parse(planned);
        return new RecoveryProof(
                        TestPlans.plan(target, stopLsn, Placement.DRILL, Path.of("/x")), WalSegmentSize.DEFAULT)
                .prove(new RecoveryProof.Evidence(
                        ReplayLog.parse(log.lines().toList()), history(reached), Optional.of(Lsn.parse("0/7000200"))));
    }

    private static TimelineHistory history(String reached) {
        return TimelineHistory.parse(3, "1\t0/5000100\tbefore\n2\t" + reached + "\tbefore transaction 901\n");
    }

    private static String line(String text) {
        return "2026-08-22 09:20:01.000 UTC [44] LOG:  " + text + "\n";
    }

    private static void wrong(ThrowingCallable proof, String... facts) {
        assertThatThrownBy(proof).isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
            assertThat(failure.code()).isEqualTo(FailureCode.RECOVERY_POINT_WRONG);
            assertThat(failure.getMessage()).contains(facts);
        });
    }
}
