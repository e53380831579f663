package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.runbook.Facts.backup;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.at;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.location;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.locationAtTheEnd;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.timeline;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The log after one recovery: timeline 1 was left at 0/5500000, in the middle of segment 5, and its abandoned end goes on
 * to segment 9; timeline 2 goes on from there to segment 7.
 */
class TimelineChoiceTest {

    private static final String FORK = "0/5500000";
    private static final BaseBackup NIGHT = backup("20260822T013000Z");

    private final Planning planning = new Planning();

    @BeforeEach
    void twoTimelines() {
        planning.timelines(
                timeline(1, List.of(new SegmentRange(1, 9, "bucket")), "0/9800000"),
                timeline(2, "1\t" + FORK + "\tat a time", List.of(new SegmentRange(5, 7, "bucket")), "0/7800000"));
    }

    @Test
    void theNewestTimelineIsTakenAndThePathLeadsThroughItsAncestors() {
        planning.found(location(2, "0/7000060", "2026-08-22T09:30:00Z"));

        RecoveryPlan plan = planning.plan(at("2026-08-22T09:30:00Z"));

        assertThat(plan.timeline()).isEqualTo(2);
        assertThat(plan.path()).containsExactly(new Leg(1, Lsn.parse(FORK)), new Leg(2, null));
        assertThat(plan.firstSegment()).isEqualTo("000000010000000000000002");
        assertThat(plan.lastSegment()).isEqualTo("000000020000000000000007");
        assertThat(plan.segments()).isEqualTo(6);
    }

    @Test
    void aTargetBeforeTheForkIsReachedOnTheOldTimelineAlone() {
        planning.found(location(1, "0/35A0148", "2026-08-22T05:00:00Z"));

        RecoveryPlan plan = planning.plan(at("2026-08-22T05:00:00Z"));

        assertThat(plan.timeline()).isEqualTo(1);
        assertThat(plan.path()).containsExactly(new Leg(1, null));
        assertThat(plan.lastSegment()).isEqualTo("000000010000000000000003");
    }

    @Test
    void aSegmentThatOnlyTheNewerTimelineKeptWholeIsReadFromThere() {
        planning.timelines(
                        timeline(1, List.of(new SegmentRange(1, 4, "bucket")), "0/5000000"),
                        timeline(
                                2,
                                "1\t" + FORK + "\tat a time",
                                List.of(new SegmentRange(5, 7, "bucket")),
                                "0/7800000"))
                .found(location(1, "0/5400000", "2026-08-22T09:10:00Z"));

        RecoveryPlan plan = planning.plan(at("2026-08-22T09:10:00Z"));

        assertThat(plan.timeline()).isEqualTo(2);
        assertThat(plan.lastSegment()).isEqualTo("000000020000000000000005");
    }

    /** PostgreSQL would take the ancestor's copy and replay what was left behind. */
    @Test
    void theSegmentInWhichATimelineBeginsIsMissedThoughItsAncestorHasOneOfThatNumber() {
        planning.timelines(
                        timeline(1, List.of(new SegmentRange(1, 8, "bucket")), "0/9000000"),
                        timeline(
                                2,
                                "1\t" + FORK + "\tat a time",
                                List.of(new SegmentRange(6, 7, "bucket")),
                                "0/7800000"))
                .found(location(2, "0/6400000", "2026-08-22T09:30:00Z"));

        RecoveryFailure refused = planning.refusal(at("2026-08-22T09:30:00Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.WAL_GAP);
        assertThat(refused).hasMessageContaining("000000020000000000000005");
    }

    /** An abort is the last that the old timeline holds of the way; what was committed after it is on the new one. */
    @Test
    void aTimeBeforeAnAbortIsReachedWhereTheNextCommitIsOnTheNewerTimeline() {
        planning.found(locationAtTheEnd(1, "0/5400000", "2026-08-22T09:14:00Z"));

        RecoveryPlan plan = planning.plan(at("2026-08-22T09:14:30Z"));

        assertThat(plan.stopLsn()).isEqualTo(Lsn.parse("0/5400000"));
        planning.along("1");
        assertThat(planning.refusal(at("2026-08-22T09:14:30Z")).code()).isEqualTo(FailureCode.TARGET_BEYOND_WAL);
    }

    @Test
    void immediateStaysOnTheTimelineOfItsBackup() {
        RecoveryPlan plan = planning.plan(new RecoveryTarget.Immediate());

        assertThat(plan.timeline()).isEqualTo(1);
        assertThat(plan.segments()).isEqualTo(1);
    }

    @Test
    void aTimeThatLiesOnTwoBranchesIsAskedAbout() {
        planning.found(
                location(1, "0/8000060", "2026-08-22T09:30:00Z", "2026-08-22T09:29:00Z"),
                location(2, "0/7000060", "2026-08-22T09:30:00Z", "2026-08-22T09:28:00Z"));

        RecoveryFailure refused = planning.refusal(at("2026-08-22T09:30:00Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.AMBIGUOUS_TIMELINE);
        assertThat(refused.hint()).contains("--timeline 1", "--timeline 2");
    }

    @Test
    void aTimeThatLiesOnlyOnTheAbandonedBranchIsAskedAbout() {
        planning.found(location(1, "0/8000060", "2026-08-22T09:30:00Z"));

        assertThat(planning.refusal(at("2026-08-22T09:30:00Z")).code()).isEqualTo(FailureCode.AMBIGUOUS_TIMELINE);
    }

    @Test
    void theAbandonedBranchIsReachedWhenItIsNamed() {
        planning.found(
                        location(1, "0/8000060", "2026-08-22T09:30:00Z"),
                        location(2, "0/7000060", "2026-08-22T09:30:00Z"))
                .along("1");

        RecoveryPlan plan = planning.plan(at("2026-08-22T09:30:00Z"));

        assertThat(plan.path()).containsExactly(new Leg(1, null));
        assertThat(plan.lastSegment()).isEqualTo("000000010000000000000008");
    }

    @Test
    void aRecoveryToTheVeryTimeOfTheFirstOneIsNotAmbiguous() {
        String lastIn = "2026-08-22T09:14:59Z";
        planning.found(
                location(1, FORK, "2026-08-22T09:15:00Z", lastIn),
                location(2, "0/6000060", "2026-08-22T09:15:00Z", lastIn));

        RecoveryPlan plan = planning.plan(at("2026-08-22T09:15:00Z"));

        assertThat(plan.timeline()).isEqualTo(2);
        assertThat(plan.stopLsn()).isEqualTo(Lsn.parse("0/6000060"));
    }

    @Test
    void aBackupOfTheAbandonedBranchIsNoBaseForTheOther() {
        BaseBackup abandoned = backup(
                "20260822T092000Z",
                1,
                "0/6000028",
                "0/6000100",
                Instant.parse("2026-08-22T09:20:00Z"),
                "2026-08-22T09:21:00Z");
        planning.backups(NIGHT, abandoned).found(location(2, "0/7000060", "2026-08-22T09:30:00Z"));

        assertThat(planning.plan(at("2026-08-22T09:30:00Z")).backup()).isEqualTo(NIGHT);
        assertThat(planning.insistOn(abandoned.id())
                        .refusal(at("2026-08-22T09:30:00Z"))
                        .code())
                .isEqualTo(FailureCode.UNKNOWN_TIMELINE);
    }

    @Test
    void currentMeansTheTimelineOfTheChosenBackup() {
        planning.found(location(1, "0/8000060", "2026-08-22T09:30:00Z")).along("current");

        assertThat(planning.plan(at("2026-08-22T09:30:00Z")).timeline()).isEqualTo(1);
    }

    @Test
    void anUnknownTimelineIsRefusedWithTheOnesThatExist() {
        RecoveryFailure refused = planning.along("7").refusal(new RecoveryTarget.Latest());

        assertThat(refused.code()).isEqualTo(FailureCode.UNKNOWN_TIMELINE);
        assertThat(refused.getMessage()).contains("7", "timelines 1, 2");
    }

    @Test
    void aTimelineWithoutItsHistoryFileIsRefused() {
        planning.timelines(
                timeline(1, List.of(new SegmentRange(1, 9, "bucket")), "0/9800000"),
                Planning.timelineWithoutHistory(2, List.of(new SegmentRange(5, 7, "bucket")), "0/7800000"));

        RecoveryFailure refused = planning.refusal(new RecoveryTarget.Latest());

        assertThat(refused.code()).isEqualTo(FailureCode.UNKNOWN_TIMELINE);
        assertThat(refused.getMessage()).contains("00000002.history");
    }
}
