package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.runbook.Facts.backup;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.at;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.location;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.timeline;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtLsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtRestorePoint;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtXid;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where a plan turns from one answer to another: exactly there, and just beside it. */
class PlanBoundariesTest {

    private static final BaseBackup NIGHT = backup("20260822T013000Z");
    private static final BaseBackup MORNING = backup(
            "20260822T060000Z",
            1,
            "0/4000028",
            "0/4000100",
            Instant.parse("2026-08-22T06:00:00Z"),
            "2026-08-22T06:01:00Z");
    private static final String TIME = "2026-08-22T06:00:30Z";

    private final Planning planning = new Planning();

    @Test
    void aPositionInsideABackupIsReachedFromTheOneBefore() {
        planning.backups(NIGHT, MORNING);

        assertThat(stoppingAt("0/40000F8").backup()).isEqualTo(NIGHT);
        assertThat(stoppingAt("0/4000100").backup()).isEqualTo(MORNING);
    }

    @Test
    void aPositionInsideABackupThatWasInsistedOnIsRefused() {
        planning.backups(NIGHT, MORNING)
                .found(location(1, "0/40000F8", "2026-08-22T06:30:00Z"))
                .insistOn(MORNING.id());

        assertThat(planning.refusal(new AtXid(77)).code()).isEqualTo(FailureCode.TARGET_BEFORE_BACKUP);
    }

    /** Its end is a time of the worker's clock; that nothing later is in it is what counts. */
    @Test
    void aTimeIsReachedFromEveryBackupThatEndsWhereNoLaterCommitWasYet() {
        planning.backups(NIGHT, MORNING).found(location(1, "0/4000100", "2026-08-22T06:01:00Z"));
        assertThat(planning.plan(at("2026-08-22T06:01:00Z")).backup()).isEqualTo(MORNING);

        planning.found(location(1, "0/40000F8", "2026-08-22T06:01:00Z"));
        assertThat(planning.plan(at("2026-08-22T06:01:00Z")).backup()).isEqualTo(NIGHT);
    }

    @Test
    void onlyATimeWithinABackupIsSaidToLieInsideIt() {
        planning.backups(MORNING);

        assertThat(refusedAt("2026-08-22T05:59:59.999999Z")).doesNotContain("inside");
        assertThat(refusedAt("2026-08-22T06:00:00Z")).contains("inside backup");
        assertThat(refusedAt("2026-08-22T06:01:00Z")).contains("inside backup");
    }

    @Test
    void theRoomThatIsNeededIsEnough() {
        long need = NIGHT.bytes() + 4 * (16L << 20);

        assertThat(planning.free(need).decide(at("2026-08-22T09:15:00Z")).refusals())
                .isEmpty();
        assertThat(planning.free(need - 1).refusal(at("2026-08-22T09:15:00Z")).code())
                .isEqualTo(FailureCode.TOO_LITTLE_SPACE);
        assertThat(planning.free(0).refusal(at("2026-08-22T09:15:00Z")).code()).isEqualTo(FailureCode.TOO_LITTLE_SPACE);
        // Nobody could say how much there is.
        assertThat(planning.free(-1).decide(at("2026-08-22T09:15:00Z")).refusals())
                .isEmpty();
    }

    @Test
    void whereATimelineWasLeftWhatEndsThereIsOnTheWayAndWhatBeginsThereIsNot() {
        planning.timelines(
                        timeline(1, List.of(new SegmentRange(1, 9, "bucket")), "0/9800000"),
                        timeline(2, "1\t0/5500000\tx", List.of(new SegmentRange(5, 7, "bucket")), "0/7800000"))
                .found(location(1, "0/5500000", "2026-08-22T09:10:00Z"));

        assertThat(planning.plan(new AtXid(77)).timeline()).isEqualTo(1);
        assertThat(planning.exclusive().refusal(new AtXid(77)).code()).isEqualTo(FailureCode.AMBIGUOUS_TIMELINE);
        // Exclusive has no meaning for a restore point.
        assertThat(planning.plan(new AtRestorePoint("release")).timeline()).isEqualTo(1);
    }

    @Test
    void ofSeveralOnOneWayTheFirstThatReplayComesToCounts() {
        planning.timelines(
                        timeline(1, List.of(new SegmentRange(1, 9, "bucket")), "0/9800000"),
                        timeline(2, "1\t0/5500000\tx", List.of(new SegmentRange(5, 7, "bucket")), "0/7800000"))
                .found(
                        location(2, "0/7000060", "2026-08-22T09:20:00Z"),
                        location(1, "0/3000060", "2026-08-22T09:10:00Z"));

        assertThat(planning.plan(new AtXid(77)).stopLsn()).isEqualTo(Lsn.parse("0/3000060"));
    }

    @Test
    void aRestorePointThatWasNamedOnTwoTimelinesOfTheWayIsTheNewerOne() {
        planning.timelines(
                        timeline(1, List.of(new SegmentRange(1, 9, "bucket")), "0/9800000"),
                        timeline(2, "1\t0/5500000\tx", List.of(new SegmentRange(5, 7, "bucket")), "0/7800000"))
                .found(
                        location(1, "0/3000060", "2026-08-22T09:10:00Z"),
                        new TargetLocation(
                                2,
                                Lsn.parse("0/7000060"),
                                Instant.parse("2026-08-22T09:20:00Z"),
                                Instant.parse("2026-08-22T09:21:00Z"),
                                Lsn.parse("0/3000060")));

        RecoveryPlan plan = planning.plan(new AtRestorePoint("release"));

        assertThat(plan.timeline()).isEqualTo(2);
        assertThat(plan.target()).isEqualTo(new AtLsn(Lsn.parse("0/7000060")));
    }

    @Test
    void aRestorePointOfAnAbandonedBranchIsUnknownOnTheOther() {
        planning.timelines(
                        timeline(1, List.of(new SegmentRange(1, 9, "bucket")), "0/9800000"),
                        timeline(2, "1\t0/5500000\tx", List.of(new SegmentRange(5, 7, "bucket")), "0/7800000"))
                .found(location(1, "0/8000060", "2026-08-22T09:20:00Z"))
                .along("2");

        assertThat(planning.refusal(new AtRestorePoint("release")).code()).isEqualTo(FailureCode.UNKNOWN_RESTORE_POINT);
    }

    @Test
    void amongThreeTimelinesTheOneInTheMiddleHasItsOwnHistory() {
        String second = "1\t0/3500000\tx";
        planning.timelines(
                        timeline(1, List.of(new SegmentRange(1, 9, "bucket")), "0/9800000"),
                        timeline(2, second, List.of(new SegmentRange(3, 9, "bucket")), "0/9800000"),
                        timeline(
                                3,
                                second + "\n2\t0/5500000\ty",
                                List.of(new SegmentRange(5, 7, "bucket")),
                                "0/7800000"))
                .found(location(2, "0/4500000", "2026-08-22T09:10:00Z"));

        RecoveryPlan plan = planning.plan(new AtXid(77));

        assertThat(plan.timeline()).isEqualTo(2);
        assertThat(plan.path()).containsExactly(new Leg(1, Lsn.parse("0/3500000")), new Leg(2, null));
        assertThat(plan.lastSegment()).isEqualTo("000000020000000000000004");
        assertThat(planning.along("3").plan(new RecoveryTarget.Latest()).segments())
                .isEqualTo(6);
    }

    @Test
    void theWayBeginsOnTheTimelineOfTheBackup() {
        BaseBackup onTheSecond = backup(
                "20260822T092000Z",
                2,
                "0/6000028",
                "0/6000100",
                Instant.parse("2026-08-22T09:20:00Z"),
                "2026-08-22T09:21:00Z");
        planning.backups(NIGHT, onTheSecond)
                .timelines(
                        timeline(1, List.of(new SegmentRange(1, 5, "bucket")), "0/5500000"),
                        timeline(2, "1\t0/5500000\tx", List.of(new SegmentRange(5, 7, "bucket")), "0/7800000"));

        RecoveryPlan plan = planning.plan(new RecoveryTarget.Latest());

        assertThat(plan.backup()).isEqualTo(onTheSecond);
        assertThat(plan.path()).containsExactly(new Leg(2, null));
        assertThat(plan.firstSegment()).isEqualTo("000000020000000000000006");
    }

    @Test
    void currentGoesByTheBackupThatWasInsistedOnAndByNoneAfterTheTarget() {
        BaseBackup later = backup(
                "20260822T092000Z",
                2,
                "0/6000028",
                "0/6000100",
                Instant.parse("2026-08-22T09:20:00Z"),
                "2026-08-22T09:21:00Z");
        planning.backups(NIGHT, later)
                .timelines(
                        timeline(1, List.of(new SegmentRange(1, 9, "bucket")), "0/9800000"),
                        timeline(2, "1\t0/5500000\tx", List.of(new SegmentRange(5, 7, "bucket")), "0/7800000"))
                .along("current");

        assertThat(planning.plan(new RecoveryTarget.Latest()).timeline()).isEqualTo(2);
        assertThat(planning.found(location(1, "0/8000060", "2026-08-22T09:15:00Z"))
                        .plan(at("2026-08-22T09:15:00Z"))
                        .timeline())
                .isEqualTo(1);
        assertThat(planning.insistOn(NIGHT.id())
                        .plan(new RecoveryTarget.Latest())
                        .timeline())
                .isEqualTo(1);
    }

    @Test
    void withoutAnyWalThereIsNothingToRecoverFrom() {
        RecoveryFailure refused = planning.timelines().refusal(new RecoveryTarget.Latest());

        assertThat(refused.code()).isEqualTo(FailureCode.NO_BASE_BACKUP);
        assertThat(refused).hasMessageContaining("no WAL");
    }

    @Test
    void anObstacleIsToldWithoutItsCode() {
        RecoveryFailure refused = planning.obstacles("PORT_TAKEN: port 5499 is taken", "no code at all")
                .decide(at("2026-08-22T09:15:00Z"))
                .refusals()
                .get(0);

        assertThat(refused.code()).isEqualTo(FailureCode.PORT_TAKEN);
        assertThat(refused).hasMessage("port 5499 is taken");
        assertThat(planning.decide(at("2026-08-22T09:15:00Z")).refusals())
                .extracting(RecoveryFailure::getMessage)
                .containsExactly("port 5499 is taken", "no code at all");
    }

    @Test
    void aTargetIsShownAsItWasTyped() {
        assertThat(List.of(
                                at("2026-08-22T09:15:00Z"),
                                new AtLsn(Lsn.parse("16/B374D848")),
                                new AtXid(4_000_000_000L),
                                new AtRestorePoint("before_release"),
                                new RecoveryTarget.Latest(),
                                new RecoveryTarget.Immediate())
                        .stream()
                        .map(RecoveryTarget::asTyped))
                .containsExactly(
                        "2026-08-22T09:15:00Z", "16/B374D848", "4000000000", "before_release", "latest", "immediate");
    }

    private RecoveryPlan stoppingAt(String lsn) {
        return planning.found(location(1, lsn, TIME)).plan(new AtXid(77));
    }

    private String refusedAt(String time) {
        return String.valueOf(
                planning.found(location(1, "0/4000060", time)).refusal(at(time)).getMessage());
    }
}
