package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.runbook.Facts.backup;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.at;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.location;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.timeline;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts.Site;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.Tablespace;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CandidateLadderTest {

    private static final RecoveryTarget TARGET = at("2026-08-22T09:15:00Z");
    private static final BaseBackup NIGHT = backup("20260822T013000Z");
    private static final BaseBackup MORNING = morning("20260822T060000Z", 1);
    private static final BaseBackup LATE = backup(
            "20260822T080000Z",
            1,
            "0/5000028",
            "0/5000100",
            Instant.parse("2026-08-22T08:00:00Z"),
            "2026-08-22T08:01:00Z");

    private final Planning planning = new Planning().backups(NIGHT, MORNING, LATE);

    @Test
    void theNextOlderOneFollowsAndLeadsToTheSamePlace() {
        RecoveryPlan first = planning.plan(TARGET);
        CandidateLadder ladder = ladder(TARGET, first);

        RecoveryPlan second = ladder.after(first, "late is damaged");
        RecoveryPlan third = ladder.after(second, "morning is damaged");

        assertThat(List.of(first.backup(), second.backup(), third.backup())).containsExactly(LATE, MORNING, NIGHT);
        assertThat(third.stopLsn()).isEqualTo(first.stopLsn());
        assertThat(third.lastSegment()).isEqualTo(first.lastSegment());
        assertThat(third.firstSegment()).isEqualTo("000000010000000000000002");
        assertThat(third.segments()).isGreaterThan(first.segments());
        assertThat(third.digest()).isNotEqualTo(first.digest());
    }

    @Test
    void whenNoneIsLeftTheSentenceNamesEachOneAndWhy() {
        RecoveryPlan first = planning.backups(NIGHT, MORNING).plan(TARGET);
        CandidateLadder ladder = ladder(TARGET, first);
        RecoveryPlan second = ladder.after(first, "morning has a bad chunk");

        RecoveryFailure failure = exhausted(ladder, second, "night has no manifest");

        assertThat(failure.code()).isEqualTo(FailureCode.BACKUP_DAMAGED);
        assertThat(failure)
                .hasMessageContaining("no base backup is left from which main can be recovered to 2026-08-22T09:15:00Z")
                .hasMessageContaining("morning has a bad chunk; night has no manifest; there is no older one");
        assertThat(failure.hint()).contains("lifeboat retry", MORNING.id(), "lifeboat backups main");
        assertThat(ladder.isExhausted()).isTrue();
    }

    @Test
    void anOlderOneWhoseWalHasAHoleIsNoneAndTheMissingSegmentIsNamed() {
        planning.backups(NIGHT, MORNING)
                .timelines(timeline(
                        1, List.of(new SegmentRange(1, 2, "bucket"), new SegmentRange(4, 9, "bucket")), "0/9123450"));
        RecoveryPlan first = planning.plan(TARGET);

        RecoveryFailure failure = exhausted(ladder(TARGET, first), first, "morning is damaged");

        assertThat(failure).hasMessageContaining(NIGHT.id() + ": ").hasMessageContaining("000000010000000000000003");
    }

    @Test
    void oneWhoseManifestNobodyCanReadIsNamedToo() {
        planning.backups(MORNING).unusable(new UnusableBackup(NIGHT.id(), "its manifest cannot be understood"));
        RecoveryPlan first = planning.plan(TARGET);

        RecoveryFailure failure = exhausted(ladder(TARGET, first), first, "morning is damaged");

        assertThat(failure)
                .hasMessageContaining("morning is damaged; " + NIGHT.id() + ": its manifest cannot be understood");
    }

    @Test
    void whatWasMendedIsACandidateAgain() {
        RecoveryPlan first = planning.backups(NIGHT, MORNING).plan(TARGET);
        CandidateLadder ladder = ladder(TARGET, first);
        exhausted(ladder, ladder.after(first, "one"), "two");

        ladder.fromTheTop();

        assertThat(ladder.isExhausted()).isFalse();
        assertThat(ladder.after(first, "one again").backup()).isEqualTo(NIGHT);
    }

    @Test
    void immediateIsTheEndOfTheBackupItselfSoNoOtherOneReachesIt() {
        RecoveryTarget immediate = new RecoveryTarget.Immediate();
        RecoveryPlan first = planning.plan(immediate);

        RecoveryFailure failure = exhausted(ladder(immediate, first), first, "late is damaged");

        assertThat(failure).hasMessageContaining("late is damaged; 'immediate' means the end of this very base backup");
    }

    @Test
    void theCurrentTimelineStaysThatOfTheBackupThatWasChosenFirst() {
        BaseBackup onSecond = morning("20260822T060000Z", 2);
        planning.along("current")
                .backups(NIGHT, onSecond)
                .timelines(
                        timeline(1, List.of(new SegmentRange(1, 9, "bucket")), "0/9123450"),
                        timeline(
                                2,
                                "1\t0/3000000\tbefore 2026-08-22 05:00:00+00\n",
                                List.of(new SegmentRange(3, 9, "bucket")),
                                "0/9123450"))
                .found(
                        location(1, "0/45A0148", "2026-08-22T09:15:00Z", "2026-08-22T09:00:00Z"),
                        location(2, "0/55A0148", "2026-08-22T09:15:00Z"));
        RecoveryPlan first = planning.plan(TARGET);

        RecoveryPlan next = ladder(TARGET, first).after(first, "damaged");

        assertThat(first.timeline()).isEqualTo(2);
        assertThat(next.backup()).isEqualTo(NIGHT);
        assertThat(next.timeline()).isEqualTo(2);
        assertThat(next.stopLsn()).isEqualTo(first.stopLsn());
    }

    @Test
    void inPlaceOneWithFoldersThatNobodyApprovedIsNone() {
        BaseBackup spread = withTablespace(NIGHT);
        RecoveryPlan first = planning.backups(spread, MORNING)
                .tablespaces(new TablespaceFacts(
                        List.of(new Site("/srv/fast", "other", 100L << 30, null)), List.of(), "data"))
                .plan(TARGET);

        RecoveryFailure failure = exhausted(ladder(TARGET, first), first, "morning is damaged");

        assertThat(failure)
                .hasMessageContaining(spread.id() + ": from it the recovery would not be the one that was planned");
    }

    @Test
    void inADrillWhereNothingIsReplacedFoldersOfItsOwnDoNotMatter() {
        planning.placed(Placement.DRILL).backups(withTablespace(NIGHT), MORNING);
        RecoveryPlan first = planning.plan(TARGET);

        RecoveryPlan next = ladder(TARGET, first).after(first, "damaged");

        assertThat(next.backup().id()).isEqualTo(NIGHT.id());
        assertThat(next.directories().tablespaces()).hasSize(1);
    }

    private CandidateLadder ladder(RecoveryTarget target, RecoveryPlan first) {
        return new CandidateLadder(planning.input(target), planning.facts(), first);
    }

    private static RecoveryFailure exhausted(CandidateLadder ladder, RecoveryPlan damaged, String why) {
        return assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> ladder.after(damaged, why))
                .actual();
    }

    private static BaseBackup morning(String id, int timeline) {
        return backup(
                id, timeline, "0/4000028", "0/4000100", Instant.parse("2026-08-22T06:00:00Z"), "2026-08-22T06:01:00Z");
    }

    private static BaseBackup withTablespace(BaseBackup of) {
        return new BaseBackup(
                of.id(),
                of.cluster(),
                of.systemId(),
                of.serverVersion(),
                of.timeline(),
                of.startLsn(),
                of.endLsn(),
                of.startedAt(),
                of.endedAt(),
                of.bytes(),
                of.storedBytes(),
                of.chunks(),
                of.provedAt(),
                List.of(new Tablespace("16400", "fast", "/srv/fast", 1 << 20)));
    }
}
