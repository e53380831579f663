package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.runbook.Facts.backup;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.at;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.location;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.locationAtTheEnd;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.timeline;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtLsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtRestorePoint;
import dev.lifeboat.workflows.runbook.Facts;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PitrRecoveryPlanTest {

    private static final BaseBackup NIGHT = backup("20260822T013000Z");
    private static final BaseBackup MORNING = backup(
            "20260822T060000Z",
            1,
            "0/4000028",
            "0/4000100",
            Instant.parse("2026-08-22T06:00:00Z"),
            "2026-08-22T06:01:00Z");

    private final Planning planning = new Planning();

    @Test
    void theNewestBackupThatEndsBeforeTheTargetIsChosen() {
        planning.backups(NIGHT, MORNING);

        assertThat(planning.plan(at("2026-08-22T09:15:00Z")).backup()).isEqualTo(MORNING);
    }

    @Test
    void aBackupThatEndsAfterTheTargetIsNoBase() {
        planning.backups(NIGHT, MORNING).found(location(1, "0/35A0148", "2026-08-22T05:00:00Z"));

        assertThat(planning.plan(at("2026-08-22T05:00:00Z")).backup()).isEqualTo(NIGHT);
    }

    @Test
    void thePlanSaysWhereItStopsWhatIsInAndWhatIsOut() {
        RecoveryPlan plan = planning.plan(at("2026-08-22T09:15:00Z"));

        assertThat(plan.stopLsn()).isEqualTo(Lsn.parse("0/55A0148"));
        assertThat(plan.lastCommitAt()).isEqualTo(Instant.parse("2026-08-22T09:14:59.871Z"));
        assertThat(plan.nextCommitAt()).isEqualTo(Instant.parse("2026-08-22T09:15:00.310Z"));
        assertThat(plan.lastArchivedCommitAt()).isEqualTo(Facts.LAST_COMMIT);
        assertThat(plan.firstSegment()).isEqualTo("000000010000000000000002");
        assertThat(plan.lastSegment()).isEqualTo("000000010000000000000005");
        assertThat(plan.segments()).isEqualTo(4);
        assertThat(plan.path()).containsExactly(new Leg(1, null));
    }

    @Test
    void latestGoesToTheEndOfTheUnfinishedSegmentOnTheLiveDisk() {
        planning.timelines(timeline(1, List.of(new SegmentRange(1, 8, "bucket")), "0/9123450"));

        RecoveryPlan plan = planning.plan(new RecoveryTarget.Latest());

        assertThat(plan.stopLsn()).isNull();
        assertThat(plan.lastSegment()).isEqualTo("000000010000000000000009");
    }

    @Test
    void immediateNeedsOnlyTheSegmentsOfTheBackupItself() {
        RecoveryPlan plan = planning.backups(NIGHT, MORNING).plan(new RecoveryTarget.Immediate());

        assertThat(plan.backup()).isEqualTo(MORNING);
        assertThat(plan.segments()).isEqualTo(1);
    }

    /** The clock of the worker is behind: the WAL knows of a later commit, so the time is past. */
    @Test
    void aTimeThatACommitFollowsIsNotInTheFutureWhateverTheWorkersClockSays() {
        String late = Facts.READ_AT.plusSeconds(3600).toString();
        planning.found(location(1, "0/75A0148", late));

        assertThat(planning.plan(at(late)).stopLsn()).isEqualTo(Lsn.parse("0/75A0148"));
    }

    @Test
    void aTimeInTheFutureIsRefused() {
        RecoveryFailure refused = planning.found().refusal(at("2026-08-22T09:31:09Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.TARGET_BEYOND_WAL);
        assertThat(refused.getMessage()).contains("future");
        assertThat(refused.hint()).contains("--target latest", "2026-08-22T01:31:00Z", Facts.LAST_COMMIT.toString());
    }

    @Test
    void aTimeAfterWhichNothingWasCommittedIsRefused() {
        RecoveryFailure refused = planning.found().refusal(at("2026-08-22T09:31:07.5Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.TARGET_BEYOND_WAL);
        assertThat(refused.hint()).contains("--target latest");
    }

    @Test
    void aTimeWithoutALaterCommitIsRefusedThoughTheLogEndsLater() {
        planning.found(locationAtTheEnd(1, "0/55A0148", "2026-08-22T09:14:59Z"));

        assertThat(planning.refusal(at("2026-08-22T09:15:00Z")).code()).isEqualTo(FailureCode.TARGET_BEYOND_WAL);
    }

    @Test
    void aTimeBeforeTheFirstBackupIsRefusedWithTheNearestLaterOne() {
        RecoveryFailure refused =
                planning.found(location(1, "0/1500000", "2026-08-22T00:30:00Z")).refusal(at("2026-08-22T00:30:00Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.NO_BASE_BACKUP_BEFORE_TARGET);
        assertThat(refused.hint()).contains("2026-08-22T01:31:00Z");
    }

    @Test
    void aTimeInsideTheFirstBackupIsRefusedAsSuch() {
        RecoveryFailure refused =
                planning.found(location(1, "0/2000060", "2026-08-22T01:30:30Z")).refusal(at("2026-08-22T01:30:30Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.NO_BASE_BACKUP_BEFORE_TARGET);
        assertThat(refused.getMessage()).contains("inside backup 20260822T013000Z");
    }

    @Test
    void withoutAnyBackupADumpIsNotOffered() {
        RecoveryFailure refused = planning.backups().refusal(at("2026-08-22T09:15:00Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.NO_BASE_BACKUP);
        assertThat(refused.hint()).contains("lifeboat start base-backup --cluster main");
    }

    @Test
    void everyMissingSegmentIsNamedWithTheNearestTargetsOnBothSides() {
        planning.backups(
                        NIGHT,
                        backup(
                                "20260822T092000Z",
                                1,
                                "0/8000028",
                                "0/8000100",
                                Instant.parse("2026-08-22T09:20:00Z"),
                                "2026-08-22T09:21:00Z"))
                .timelines(timeline(
                        1, List.of(new SegmentRange(1, 3, "bucket"), new SegmentRange(5, 9, "bucket")), "0/9123450"));

        RecoveryFailure refused = planning.refusal(at("2026-08-22T09:15:00Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.WAL_GAP);
        assertThat(refused.getMessage()).contains("1 of the 4", "000000010000000000000004");
        assertThat(refused.hint()).contains("0/4000000", "2026-08-22T09:21:00Z", "20260822T092000Z");
    }

    @Test
    void anUnknownTransactionIsRefused() {
        assertThat(planning.found().refusal(new RecoveryTarget.AtXid(77)).code())
                .isEqualTo(FailureCode.UNKNOWN_XID);
    }

    @Test
    void anUnknownRestorePointIsRefused() {
        RecoveryFailure refused = planning.found().refusal(new RecoveryTarget.AtRestorePoint("before_release"));

        assertThat(refused.code()).isEqualTo(FailureCode.UNKNOWN_RESTORE_POINT);
        assertThat(refused.getMessage()).contains("before_release");
    }

    @Test
    void aRestorePointWhoseNameWasUsedBeforeItIsReachedByItsPosition() {
        RecoveryPlan plan = new Planning()
                .found(twice("0/5000100", "0/4000100", Facts.LAST_COMMIT))
                .plan(new AtRestorePoint("release"));

        assertThat(plan.target()).isEqualTo(new AtLsn(Lsn.parse("0/5000100")));
        assertThat(plan.exclusive()).isTrue();
        assertThat(plan.stopLsn()).isEqualTo(Lsn.parse("0/5000100"));
    }

    @Test
    void aNamesakeBeforeTheBackupIsNeverMet() {
        RecoveryPlan plan = new Planning()
                .found(twice("0/5000100", "0/100", Facts.LAST_COMMIT))
                .plan(new AtRestorePoint("release"));

        assertThat(plan.target()).isEqualTo(new AtRestorePoint("release"));
        assertThat(plan.exclusive()).isFalse();
    }

    @Test
    void aNamesakeThatComesFirstIsToldWhereNothingFollowsTheNewest() {
        RecoveryFailure refusal = new Planning()
                .timelines(Planning.timeline(1, List.of(bucket(1, 5)), "0/5000100"))
                .found(twice("0/5000100", "0/4000100", null))
                .refusal(new AtRestorePoint("release"));

        assertThat(refusal.code()).isEqualTo(FailureCode.TARGET_BEYOND_WAL);
        assertThat(refusal).hasMessageContaining("0/5000100").hasMessageContaining("0/4000100");
        assertThat(refusal.hint())
                .contains("--target latest --timeline 1", "--target-lsn 0/4000100 --exclusive --timeline 1");
    }

    @Test
    void aRecordThatIsNoCommitIsEnoughToStopBefore() {
        RecoveryPlan plan = new Planning()
                .timelines(Planning.timeline(1, List.of(bucket(1, 5)), "0/5000170"))
                .found(twice("0/5000100", "0/4000100", null))
                .plan(new AtRestorePoint("release"));

        assertThat(plan.target()).isEqualTo(new AtLsn(Lsn.parse("0/5000100")));
        assertThat(plan.exclusive()).isTrue();
    }

    /** Its own timeline goes on behind the point, and nothing was committed there. */
    @Test
    void aReusedNameIsReachedAlongItsOwnTimelineWhenTheNextCommitIsOnANewerOne() {
        RecoveryPlan plan = new Planning()
                .timelines(
                        Planning.timeline(1, List.of(bucket(1, 5)), "0/5000200"),
                        Planning.timeline(2, "1\t0/5000200\tat a time\n", List.of(bucket(5, 7)), "0/7000100"))
                .found(twice("0/5000100", "0/4000100", null))
                .plan(new AtRestorePoint("release"));

        assertThat(plan.target()).isEqualTo(new AtLsn(Lsn.parse("0/5000100")));
        assertThat(plan.exclusive()).isTrue();
        assertThat(plan.timeline()).isEqualTo(1);
    }

    /** A recovery that stopped right there: the next record of all is the newer timeline's. */
    @Test
    void aReusedNameAtTheVeryEndOfItsTimelineIsReachedAlongTheNewerOne() {
        RecoveryPlan plan = new Planning()
                .timelines(
                        Planning.timeline(1, List.of(bucket(1, 4)), "0/5000100"),
                        Planning.timeline(2, "1\t0/5000100\tat restore point\n", List.of(bucket(5, 7)), "0/7000100"))
                .found(twice("0/5000100", "0/4000100", null))
                .plan(new AtRestorePoint("release"));

        assertThat(plan.target()).isEqualTo(new AtLsn(Lsn.parse("0/5000100")));
        assertThat(plan.exclusive()).isTrue();
        assertThat(plan.timeline()).isEqualTo(2);
        assertThat(plan.lastSegment()).isEqualTo("000000020000000000000005");
    }

    @Test
    void whereTheSegmentBehindAReusedNameIsLostNothingFollowsIt() {
        RecoveryFailure refusal = new Planning()
                .timelines(Planning.timeline(1, List.of(bucket(1, 5), bucket(7, 8)), "0/8000100"))
                .found(twice("0/6000000", "0/4000100", null))
                .refusal(new AtRestorePoint("release"));

        assertThat(refusal.code()).isEqualTo(FailureCode.TARGET_BEYOND_WAL);
    }

    private static SegmentRange bucket(long from, long to) {
        return new SegmentRange(from, to, "bucket");
    }

    private static TargetLocation twice(String stop, String namesake, @Nullable Instant next) {
        return new TargetLocation(1, Lsn.parse(stop), Facts.LAST_COMMIT, next, Lsn.parse(namesake));
    }

    /** What they were sent grows every second, and is no reason to ask again. */
    @Test
    void whoStreamsFromAClusterThatIsReplacedIsNamedAndNoDecision() {
        RecoveryPlan alone = new Planning().plan(at("2026-08-22T09:15:00Z"));
        RecoveryPlan plan =
                new Planning().standbys("a at 10.0.0.2, without a slot").plan(at("2026-08-22T09:15:00Z"));

        assertThat(plan.standbys()).containsExactly("a at 10.0.0.2, without a slot");
        assertThat(plan.digest()).isEqualTo(alone.digest());
        assertThat(PlanText.question(plan, List.of(), List.of()))
                .contains("standby   a at 10.0.0.2, without a slot", "Pause now what would promote one");
        assertThat(PlanText.question(alone, List.of(), List.of())).doesNotContain("standby");
        assertThat(new Planning()
                        .standbys("a at 10.0.0.2")
                        .placed(Placement.DRILL)
                        .plan(at("2026-08-22T09:15:00Z"))
                        .standbys())
                .isEmpty();
    }

    @Test
    void aPositionBeyondTheEndIsRefused() {
        assertThat(planning.found()
                        .refusal(new RecoveryTarget.AtLsn(Lsn.parse("1/0")))
                        .code())
                .isEqualTo(FailureCode.TARGET_BEYOND_WAL);
    }

    @Test
    void anUnknownBackupIsRefusedWithTheOnesThatExist() {
        RecoveryFailure refused = planning.insistOn("20200101T000000Z").refusal(at("2026-08-22T09:15:00Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.UNKNOWN_BACKUP);
        assertThat(refused.getMessage()).contains("20200101T000000Z", "20260822T013000Z");
    }

    @Test
    void aBackupThatWasInsistedOnMustEndBeforeTheTarget() {
        planning.backups(NIGHT, MORNING)
                .found(location(1, "0/35A0148", "2026-08-22T05:00:00Z"))
                .insistOn(MORNING.id());

        RecoveryFailure refused = planning.refusal(at("2026-08-22T05:00:00Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.TARGET_BEFORE_BACKUP);
        assertThat(refused.hint()).contains("2026-08-22T06:01:00Z");
    }

    @Test
    void anOlderBackupMayBeInsistedOn() {
        planning.backups(NIGHT, MORNING).insistOn(NIGHT.id());

        assertThat(planning.plan(at("2026-08-22T09:15:00Z")).backup()).isEqualTo(NIGHT);
    }

    @Test
    void obstaclesRefuseWithTheirOwnCodeAndAllReasonsComeAtOnce() {
        planning.obstacles("SWAP_IMPOSSIBLE: /srv/pg is a mount point", "PORT_TAKEN: somebody listens on 5499")
                .found();

        assertThat(planning.decide(at("2026-08-22T10:00:00Z")).refusals())
                .extracting(RecoveryFailure::code)
                .containsExactly(FailureCode.SWAP_IMPOSSIBLE, FailureCode.PORT_TAKEN, FailureCode.TARGET_BEYOND_WAL);
    }

    @Test
    void tooLittleSpaceIsRefusedWithBothNumbers() {
        RecoveryFailure refused = planning.free(1L << 29).refusal(at("2026-08-22T09:15:00Z"));

        assertThat(refused.code()).isEqualTo(FailureCode.TOO_LITTLE_SPACE);
        assertThat(refused.getMessage()).contains("1088 MiB", "512 MiB");
    }

    @Test
    void theDigestCoversDecisionsAndNotFactsThatGrow() {
        RecoveryPlan before = planning.plan(at("2026-08-22T09:15:00Z"));

        TimelineFacts grown = timeline(1, List.of(new SegmentRange(1, 40, "bucket")), "0/28123450");
        String later =
                planning.timelines(grown).plan(at("2026-08-22T09:15:00Z")).digest();
        String other = planning.backups(NIGHT, MORNING)
                .plan(at("2026-08-22T09:15:00Z"))
                .digest();

        assertThat(before.digest()).hasSize(64).isEqualTo(later).isNotEqualTo(other);
    }

    @Test
    void theCopyLiesBesideTheLiveDataWhereARenameCanMoveIt() {
        assertThat(planning.plan(at("2026-08-22T09:15:00Z")).directories())
                .isEqualTo(new Directories(
                        "/var/lib/postgresql/15/main",
                        "/var/lib/postgresql/15/lifeboat-main/recovery/data",
                        "/var/lib/postgresql/15/lifeboat-main/recovery",
                        0));
        assertThat(planning.placed(Placement.DRILL)
                        .plan(at("2026-08-22T09:15:00Z"))
                        .directories()
                        .copy())
                .isEqualTo("/var/lib/postgresql/15/lifeboat-main/drill/data");
        assertThat(planning.placed(Placement.INTO)
                        .plan(at("2026-08-22T09:15:00Z"))
                        .directories())
                .isEqualTo(new Directories("/var/lib/postgresql/15/main", "/srv/copy", "/srv/copy.lifeboat", 5499));
    }

    @Test
    void theSameFactsGiveTheSamePlan() {
        RecoveryFacts facts = planning.facts();

        assertThat(planning.decide(at("2026-08-22T09:15:00Z")))
                .isEqualTo(PitrRecoveryPlan.decide(planning.input(at("2026-08-22T09:15:00Z")), facts));
    }
}
