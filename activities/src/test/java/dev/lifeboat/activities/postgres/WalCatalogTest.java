package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.ClockStep;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two timelines: the first goes on after the second has left it in the middle of segment 4. */
class WalCatalogTest {

    private static final Instant T0 = Instant.parse("2026-02-15T12:00:00Z");

    private final WalArchive archive =
            new WalArchive(new InMemoryObjectStore(), "main", Long.toString(WalBytes.SYSTEM));

    private final WalBytes one = new WalBytes(1, 3, 6);
    private Lsn fork = new Lsn(0);

    @BeforeEach
    void twoTimelines() {
        one.commit(10, at(0)).fillUntil(16).commit(11, at(10));
        fork = one.end();
        WalBytes two =
                one.forkedAs(2).commit(20, at(40)).restorePoint("twice", at(41)).switchSegment();
        two.restorePoint("twice", at(50)).commit(21, at(60)).switchSegment();
        one.commit(12, at(20))
                .abort(13, at(25))
                .switchSegment()
                .commit(14, at(30))
                .switchSegment();
        store(one, 3, 4, 5);
        store(two, 4, 5);
        archive.store("00000002.history", ("1\t" + fork + "\tno recovery target\n").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void tellsEachTimelineWithItsHistoryAndItsSegments() {
        List<TimelineFacts> timelines = catalog(null).timelines();

        assertThat(timelines).extracting(TimelineFacts::timeline).containsExactly(1, 2);
        assertThat(timelines.get(0).available()).containsExactly(new SegmentRange(3, 5, "bucket"));
        assertThat(timelines.get(0).lastCommitAt()).isEqualTo(at(30));
        assertThat(timelines.get(1).available()).containsExactly(new SegmentRange(4, 5, "bucket"));
        assertThat(timelines.get(1).history()).isNotNull();
        assertThat(timelines.get(1).lastCommitAt()).isEqualTo(at(60));
    }

    @Test
    void aTimeBeforeTheForkLiesOnTheFirstTimelineOnly() {
        List<TargetLocation> found = catalog(null).locate(new RecoveryTarget.AtTime(at(5)), false);

        assertThat(found).singleElement().satisfies(location -> {
            assertThat(location.timeline()).isEqualTo(1);
            assertThat(location.stopLsn()).isLessThan(fork);
            assertThat(location.lastCommitAt()).isEqualTo(at(0));
            assertThat(location.nextCommitAt()).isEqualTo(at(10));
        });
    }

    @Test
    void aTimeAfterTheForkLiesOnBothBranches() {
        List<TargetLocation> found = catalog(null).locate(new RecoveryTarget.AtTime(at(15)), false);

        assertThat(found).extracting(TargetLocation::timeline).containsExactly(1, 2);
        assertThat(found).extracting(TargetLocation::lastCommitAt).containsExactly(at(10), at(10));
        assertThat(found).extracting(TargetLocation::nextCommitAt).containsExactly(at(20), at(40));
        assertThat(found).extracting(TargetLocation::stopLsn).containsExactly(fork, fork);
    }

    @Test
    void anAbortStopsRecoveryToATimeAsACommitDoes() {
        TargetLocation found =
                catalog(null).locate(new RecoveryTarget.AtTime(at(22)), false).get(0);

        assertThat(found.lastCommitAt()).isEqualTo(at(20));
        assertThat(found.nextCommitAt()).isEqualTo(at(30));
        assertThat(found.stopLsn()).isLessThan(new Lsn(5 << 20));
    }

    @Test
    void exclusiveStopsBeforeTheCommitAtThatVeryTime() {
        RecoveryTarget target = new RecoveryTarget.AtTime(at(20));

        assertThat(catalog(null).locate(target, true).get(0).nextCommitAt()).isEqualTo(at(20));
        assertThat(catalog(null).locate(target, false).get(0).lastCommitAt()).isEqualTo(at(20));
    }

    @Test
    void ofARestorePointThatWasNamedTwiceTheNewestCounts() {
        TargetLocation found = catalog(null)
                .locate(new RecoveryTarget.AtRestorePoint("twice"), false)
                .get(0);

        assertThat(found.timeline()).isEqualTo(2);
        assertThat(found.lastCommitAt()).isEqualTo(at(40));
        assertThat(found.nextCommitAt()).isEqualTo(at(60));
        assertThat(found.namesakeLsn()).isNotNull().isLessThan(found.stopLsn()).isGreaterThan(fork);
    }

    /** It said an hour more for two commits; the segment that came next has the commits of before again. */
    @Test
    void aTimeThatAWrongClockPassedIsPassedAgain() {
        WalBytes wal = new WalBytes(1, 3, 4);
        wal.commit(10, at(0));
        Lsn first = wal.next();
        wal.commit(11, at(3600)).switchSegment();
        wal.commit(12, at(3610)).switchSegment();
        Lsn back = wal.next();
        wal.commit(13, at(10)).commit(14, at(20));
        Lsn second = wal.next();
        wal.commit(15, at(40)).switchSegment();
        WalCatalog catalog = jumping(wal, 3, 4, 5);

        TargetLocator.Found found = catalog.find(new RecoveryTarget.AtTime(at(30)), false);

        assertThat(found.locations()).extracting(TargetLocation::stopLsn).containsExactly(first, second);
        assertThat(found.locations()).extracting(TargetLocation::lastCommitAt).containsExactly(at(0), at(20));
        assertThat(found.returns()).containsExactly(new ClockStep(1, back, at(3610), at(10)));
        assertThat(catalog.clockSteps()).containsExactly(new ClockStep(1, new Lsn(5 << 20), at(3610), at(10)));
    }

    @Test
    void aTimeThatOnlyAWrongClockPassedIsNotPassedAgain() {
        WalBytes wal = new WalBytes(1, 3, 3);
        wal.commit(10, at(0)).commit(11, at(3600));
        Lsn back = wal.next();
        wal.commit(12, at(10)).switchSegment();
        WalCatalog catalog = jumping(wal, 3);

        TargetLocator.Found found = catalog.find(new RecoveryTarget.AtTime(at(30)), false);

        assertThat(found.locations()).hasSize(1);
        assertThat(found.returns()).extracting(ClockStep::at).containsExactly(back);
    }

    @Test
    void timesThatAreOutOfOrderByLessThanASecondAreNoStepOfAClock() {
        WalBytes wal = new WalBytes(1, 3, 3);
        wal.commit(10, at(0))
                .commit(11, at(10))
                .commit(12, at(10).minusMillis(900))
                .commit(13, at(20))
                .switchSegment();
        WalCatalog catalog = jumping(wal, 3);

        TargetLocator.Found found = catalog.find(new RecoveryTarget.AtTime(at(10).minusMillis(500)), false);

        assertThat(found.locations()).hasSize(1);
        assertThat(found.returns()).isEmpty();
        assertThat(catalog.clockSteps()).isEmpty();
    }

    /** What it said once must not make a jump of every two transactions that end side by side later. */
    @Test
    void aClockThatWasPutRightIsMeasuredAnew() {
        WalBytes wal = new WalBytes(1, 3, 3);
        wal.commit(10, at(0)).commit(11, at(300_000_000)).commit(12, at(10));
        Lsn second = wal.next();
        wal.commit(13, at(30).plusMillis(400))
                .commit(14, at(30).minusMillis(5))
                .commit(15, at(40))
                .switchSegment();

        TargetLocator.Found found = jumping(wal, 3).find(new RecoveryTarget.AtTime(at(30)), false);

        assertThat(found.locations())
                .hasSize(2)
                .last()
                .extracting(TargetLocation::stopLsn)
                .isEqualTo(second);
        assertThat(found.returns()).hasSize(1);
    }

    /** The commit on the new timeline is earlier than what its parent had reached. */
    @Test
    void aClockThatIsBehindOnTheNewTimelineIsSeenThere() {
        WalBytes wal = new WalBytes(1, 3, 4);
        wal.commit(10, at(0)).commit(11, at(100)).switchSegment();
        Lsn left = wal.end();
        WalBytes next = wal.forkedAs(2);
        next.commit(20, at(50)).switchSegment();
        WalArchive other = new WalArchive(new InMemoryObjectStore(), "main", Long.toString(WalBytes.SYSTEM));
        other.store(wal.name(3), wal.segment(3));
        other.store(next.name(4), next.segment(4));
        other.store("00000002.history", ("1\t" + left + "\tx\n").getBytes(StandardCharsets.UTF_8));

        TargetLocator.Found found =
                new WalCatalog(other, WalBytes.SIZE, null).find(new RecoveryTarget.AtTime(at(70)), false);

        assertThat(found.locations()).extracting(TargetLocation::timeline).containsExactly(1);
        assertThat(found.returns()).extracting(ClockStep::timeline).containsExactly(2);
    }

    private static WalCatalog jumping(WalBytes wal, long... numbers) {
        WalArchive other = new WalArchive(new InMemoryObjectStore(), "main", Long.toString(WalBytes.SYSTEM));
        for (long number : numbers) {
            other.store(wal.name(number), wal.segment(number));
        }
        return new WalCatalog(other, WalBytes.SIZE, null);
    }

    /** Timeline 2 named a point again after timeline 3 had left it: on the way to 3 the newest is an older one of 2. */
    @Test
    void ofARestorePointThatWasNamedAgainBehindTheForkTheOneBeforeTheForkCounts() {
        WalBytes two = new WalBytes(1, 3, 1).commit(10, at(0)).forkedAs(2);
        Lsn leftOne = two.end();
        two.restorePoint("release", at(5)).commit(11, at(10));
        Lsn before = two.end();
        WalBytes three = two.forkedAs(3).commit(20, at(15));
        two.restorePoint("release", at(20)).commit(12, at(25));
        WalArchive other = new WalArchive(new InMemoryObjectStore(), "other", archive.systemId());
        other.store("00000002.history", ("1\t" + leftOne + "\tfirst\n").getBytes(StandardCharsets.UTF_8));
        other.store(
                "00000003.history",
                ("1\t" + leftOne + "\tfirst\n2\t" + before + "\tsecond\n").getBytes(StandardCharsets.UTF_8));
        other.store(two.name(3), two.segment(3));
        other.store(three.name(3), three.segment(3));

        List<TargetLocation> found =
                new WalCatalog(other, WalBytes.SIZE, null).locate(new RecoveryTarget.AtRestorePoint("release"), false);

        assertThat(found).extracting(TargetLocation::timeline).containsExactly(2, 2);
        assertThat(found.get(1).stopLsn()).isGreaterThan(leftOne).isLessThan(before);
        assertThat(found.get(1).nextCommitAt()).isEqualTo(at(10));
        assertThat(found.get(0).stopLsn()).isGreaterThan(before);
    }

    @Test
    void ofSeveralThatEndAtOneTimeAllAreInOrNone() {
        WalBytes wal = new WalBytes(1, 3, 1);
        wal.commit(10, at(0)).commit(11, at(5));
        Lsn first = wal.next();
        wal.commit(12, at(10)).abort(13, at(10)).commit(14, at(10));
        Lsn after = wal.next();
        wal.commitPrepared(15, at(20)).switchSegment();
        WalArchive other = new WalArchive(new InMemoryObjectStore(), "other", archive.systemId());
        other.store(wal.name(3), wal.segment(3));
        WalCatalog catalog = new WalCatalog(other, WalBytes.SIZE, null);

        TargetLocation in =
                catalog.locate(new RecoveryTarget.AtTime(at(10)), false).get(0);
        TargetLocation out =
                catalog.locate(new RecoveryTarget.AtTime(at(10)), true).get(0);

        assertThat(in.stopLsn()).isEqualTo(after);
        assertThat(in.lastCommitAt()).isEqualTo(at(10));
        assertThat(in.nextCommitAt()).isEqualTo(at(20));
        assertThat(out.stopLsn()).isEqualTo(first);
        assertThat(out.lastCommitAt()).isEqualTo(at(5));
        assertThat(out.nextCommitAt()).isEqualTo(at(10));
        // The prepared one is found by its own number; the subtransactions that its record names are not.
        assertThat(catalog.locate(new RecoveryTarget.AtXid(15), false)).hasSize(1);
        assertThat(catalog.locate(new RecoveryTarget.AtXid(11), false)).hasSize(1);
        assertThat(catalog.locate(new RecoveryTarget.AtXid(5), false)).isEmpty();
    }

    @Test
    void latestIsTheEndOfEachBranch() {
        List<TargetLocation> found = catalog(null).locate(new RecoveryTarget.Latest(), false);

        assertThat(found).extracting(TargetLocation::stopLsn).containsExactly(new Lsn(6 << 20), new Lsn(6 << 20));
        assertThat(found).extracting(TargetLocation::lastCommitAt).containsExactly(at(30), at(60));
    }

    @Test
    void aPositionIsOnTheBranchThatHoldsIt() {
        List<TargetLocation> before = catalog(null).locate(new RecoveryTarget.AtLsn(new Lsn((3 << 20) + 100)), false);
        List<TargetLocation> after = catalog(null).locate(new RecoveryTarget.AtLsn(fork.plus(8)), false);

        assertThat(before).extracting(TargetLocation::timeline).containsExactly(1);
        assertThat(after).extracting(TargetLocation::timeline).containsExactly(1, 2);
    }

    @Test
    void aPositionIsReachedByTheFirstRecordThatBeginsThereOrLater() {
        WalBytes wal = new WalBytes(1, 3, 1);
        Lsn first = wal.next();
        wal.commit(10, at(0));
        Lsn second = wal.next();
        wal.commit(11, at(5));
        Lsn third = wal.next();
        wal.commit(12, at(10)).switchSegment();
        WalArchive other = new WalArchive(new InMemoryObjectStore(), "other", archive.systemId());
        other.store(wal.name(3), wal.segment(3));
        WalCatalog catalog = new WalCatalog(other, WalBytes.SIZE, null);

        assertThat(at(catalog, first, false)).isEqualTo(second);
        assertThat(at(catalog, first, true)).isEqualTo(first);
        assertThat(at(catalog, first.plus(1), false)).isEqualTo(third);
        assertThat(at(catalog, first.plus(1), true)).isEqualTo(second);
        assertThat(at(catalog, second, false)).isEqualTo(third);
        assertThat(catalog.locate(new RecoveryTarget.AtLsn(second), false).get(0))
                .satisfies(location -> {
                    assertThat(location.lastCommitAt()).isEqualTo(at(5));
                    assertThat(location.nextCommitAt()).isEqualTo(at(10));
                });
    }

    private static Lsn at(WalCatalog catalog, Lsn position, boolean exclusive) {
        return catalog.locate(new RecoveryTarget.AtLsn(position), exclusive)
                .get(0)
                .stopLsn();
    }

    @Test
    void aTransactionIsFoundWhereItEnded() {
        assertThat(catalog(null).locate(new RecoveryTarget.AtXid(13), false))
                .extracting(TargetLocation::timeline)
                .containsExactly(1);
        assertThat(catalog(null).locate(new RecoveryTarget.AtXid(11), false))
                .extracting(TargetLocation::lastCommitAt)
                .containsExactly(at(10));
        assertThat(catalog(null).locate(new RecoveryTarget.AtXid(99), false)).isEmpty();
    }

    @Test
    void theLiveDiskFillsInWhatTheBucketLacksAndItsUnfinishedSegmentIsNoWholeOne(@TempDir Path live)
            throws IOException {
        one.commit(15, at(70)).switchSegment().commit(16, at(80));
        Files.write(live.resolve(one.name(6)), one.segment(6));
        Files.write(live.resolve(one.name(7)), one.segment(7));
        Files.write(live.resolve("000000010000000000000008"), one.segment(6));

        TimelineFacts first = catalog(live).timelines().get(0);

        assertThat(first.available()).containsExactly(new SegmentRange(3, 5, "bucket"), new SegmentRange(6, 6, "live"));
        assertThat(first.end()).isEqualTo(one.end());
        assertThat(first.lastCommitAt()).isEqualTo(at(80));
    }

    @Test
    void anIndexSaysTheSameAsTheSegmentsThemselves() {
        List<TimelineFacts> read = catalog(null).timelines();
        WalIndexer indexer = new WalIndexer(archive);
        for (String name :
                List.of("000000010000000000000003", "000000010000000000000004", "000000010000000000000005")) {
            indexer.add(name, archive.read(name).orElseThrow());
        }
        indexer.flush();

        assertThat(WalIndex.read(archive, "0000000100000000")).hasSize(3);
        assertThat(catalog(null).timelines()).isEqualTo(read);
    }

    private WalCatalog catalog(@Nullable Path live) {
        return new WalCatalog(archive, WalBytes.SIZE, live);
    }

    private void store(WalBytes wal, long... segments) {
        for (long segment : segments) {
            archive.store(wal.name(segment), wal.segment(segment));
        }
    }

    private static Instant at(int seconds) {
        return T0.plusSeconds(seconds);
    }
}
