package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.runbook.Facts.backup;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.at;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.location;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.timeline;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.ClockStep;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Between 09:00 and 09:01 the clock of the server said 12:00 for a while, and then was put right. */
class ClockCheckTest {

    private static final String NINE_FIFTEEN = "2026-08-22T09:15:00Z";
    private static final BaseBackup BEFORE = backup("20260822T013000Z");
    private static final BaseBackup BEHIND = backup(
            "20260822T090500Z",
            1,
            "0/6000028",
            "0/6000100",
            Instant.parse("2026-08-22T09:05:00Z"),
            "2026-08-22T09:06:00Z");
    private static final ClockStep BACK = step(1, "0/55A0000");

    private final Planning planning = new Planning()
            .backups(BEFORE)
            .found(
                    location(1, "0/45A0148", "2026-08-22T12:00:00Z", "2026-08-22T09:00:00Z"),
                    location(1, "0/65A0148", NINE_FIFTEEN))
            .clock(List.of(BACK), List.of(step(1, "0/5000000")));

    private static ClockStep step(int timeline, String at) {
        return new ClockStep(
                timeline, Lsn.parse(at), Instant.parse("2026-08-22T12:10:00Z"), Instant.parse("2026-08-22T09:01:00Z"));
    }

    @Test
    void aTimeThatTheLogPassesTwiceIsAskedAboutWithBothPositions() {
        RecoveryFailure refused = planning.refusal(at(NINE_FIFTEEN));

        assertThat(refused.code()).isEqualTo(FailureCode.AMBIGUOUS_TIME);
        assertThat(refused.getMessage())
                .contains("0/45A0148 and at 0/65A0148", "0/55A0000", "2026-08-22T12:10:00Z", "2026-08-22T09:01:00Z");
        assertThat(refused.hint())
                .contains(
                        "'--target-lsn 0/45A0148 --exclusive' (the last commit in it says 2026-08-22T09:00:00Z)",
                        "'--target-lsn 0/65A0148 --exclusive'")
                .doesNotContain("latest");
    }

    @Test
    void aPositionIsNeverAmbiguous() {
        planning.found(location(1, "0/65A0148", NINE_FIFTEEN)).clock(List.of(), List.of(BACK));

        assertThat(planning.exclusive()
                        .plan(new RecoveryTarget.AtLsn(Lsn.parse("0/65A0148")))
                        .stopLsn())
                .isEqualTo(Lsn.parse("0/65A0148"));
    }

    @Test
    void aBaseBackupOfAfterTheClockWasPutRightLeadsToTheLastPassageOnly() {
        RecoveryPlan plan = planning.backups(BEFORE, BEHIND).plan(at(NINE_FIFTEEN));

        assertThat(plan.backup()).isEqualTo(BEHIND);
        assertThat(plan.stopLsn()).isEqualTo(Lsn.parse("0/65A0148"));
        assertThat(findings(at(NINE_FIFTEEN), plan))
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains("more than once", BEHIND.id(), "0/55A0000", "0/65A0148");
        assertThat(ClockCheck.timesCompare(planning.facts(), plan)).isTrue();
    }

    @Test
    void whoInsistsOnTheOlderBackupIsAsked() {
        planning.backups(BEFORE, BEHIND).insistOn(BEFORE.id());

        assertThat(planning.refusal(at(NINE_FIFTEEN)).code()).isEqualTo(FailureCode.AMBIGUOUS_TIME);
    }

    /** Part of the time that was wrong is replayed from it, and PostgreSQL would stop there. */
    @Test
    void aBaseBackupThatWasTakenWhileTheClockWasWrongDoesNotHelp() {
        BaseBackup within = backup(
                "20260822T120100Z",
                1,
                "0/5000028",
                "0/5000100",
                Instant.parse("2026-08-22T12:01:00Z"),
                "2026-08-22T12:02:00Z");

        assertThat(planning.backups(BEFORE, within).refusal(at(NINE_FIFTEEN)).code())
                .isEqualTo(FailureCode.AMBIGUOUS_TIME);
    }

    @Test
    void aTimeThatWasOnlyPassedWhileTheClockWasWrongIsNotTakenToBeReached() {
        planning.backups(BEFORE, BEHIND)
                .found(location(1, "0/45A0148", "2026-08-22T12:00:00Z", "2026-08-22T09:00:00Z"));

        RecoveryFailure refused = planning.refusal(at("2026-08-22T09:31:00Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.AMBIGUOUS_TIME);
        assertThat(refused.getMessage()).contains("since then no commit after it is in the WAL");
        assertThat(refused.hint()).contains("'--target-lsn 0/45A0148 --exclusive'", "'--target latest'");
    }

    @Test
    void aClockThatWentBackOnABranchThatWasLeftMakesNothingAmbiguous() {
        planning.timelines(
                        timeline(1, List.of(new SegmentRange(1, 8, "bucket")), "0/9123450"),
                        timeline(2, "1\t0/5000000\tx\n", List.of(new SegmentRange(5, 8, "bucket")), "0/9123450"))
                .found(location(2, "0/65A0148", NINE_FIFTEEN))
                .clock(List.of(BACK), List.of(BACK))
                .along("2");

        RecoveryPlan plan = planning.plan(at(NINE_FIFTEEN));

        assertThat(plan.stopLsn()).isEqualTo(Lsn.parse("0/65A0148"));
        assertThat(findings(at(NINE_FIFTEEN), plan)).isEmpty();
    }

    @Test
    void aBaseBackupFromTheFutureIsJudgedByItsPositionAndSaidSo() {
        BaseBackup ahead = backup(
                "20260822T120000Z",
                1,
                "0/4000028",
                "0/4000100",
                Instant.parse("2026-08-22T12:00:00Z"),
                "2026-08-22T12:01:00Z");
        planning.backups(BEFORE, ahead)
                .found(location(1, "0/65A0148", NINE_FIFTEEN))
                .clock(List.of(), List.of());

        RecoveryPlan plan = planning.plan(at(NINE_FIFTEEN));

        assertThat(plan.backup()).isEqualTo(ahead);
        assertThat(findings(at(NINE_FIFTEEN), plan))
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains(ahead.id(), "2026-08-22T12:01:00Z", "a clock was wrong", "0/4000100");
    }

    /** By its clock it would be the older one. */
    @Test
    void ofTwoBaseBackupsTheOneThatLiesLaterInTheLogIsTheNewest() {
        BaseBackup behind = backup(
                "20260822T003000Z",
                1,
                "0/4000028",
                "0/4000100",
                Instant.parse("2026-08-22T00:30:00Z"),
                "2026-08-22T00:31:00Z");
        planning.backups(behind, BEFORE).clock(List.of(), List.of());

        assertThat(planning.plan(new RecoveryTarget.Immediate()).backup()).isEqualTo(behind);
    }

    @Test
    void aClockThatWentBackInWhatIsReplayedIsAFindingAndNoSpanOfTimesIsMeasured() {
        planning.clock(List.of(), List.of(step(1, "0/5000000")));

        RecoveryPlan plan = planning.plan(new RecoveryTarget.Latest());

        assertThat(findings(new RecoveryTarget.Latest(), plan))
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains("went back by 3h9m", "0/5000000", "not measured");
        assertThat(ClockCheck.timesCompare(planning.facts(), plan)).isFalse();
    }

    private List<Finding> findings(RecoveryTarget target, RecoveryPlan plan) {
        return ClockCheck.findings(planning.input(target), planning.facts(), plan);
    }
}
