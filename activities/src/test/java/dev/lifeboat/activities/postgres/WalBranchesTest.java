package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Hole;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two branches of one log side by side: the second timeline leaves the first in segment 3 and ends with segment 4, the
 * third one leaves the first in segment 5, in which a record goes on that began in segment 4.
 */
class WalBranchesTest {

    private static final Instant T0 = Instant.parse("2026-02-15T12:00:00Z");

    private final WalArchive archive =
            new WalArchive(new InMemoryObjectStore(), "main", Long.toString(WalBytes.SYSTEM));

    private final WalBytes one = new WalBytes(1, 3, 4);
    private Lsn secondFork = new Lsn(0);
    private Lsn thirdFork = new Lsn(0);
    private WalBytes two = one;
    private WalBytes three = one;

    @BeforeEach
    void twoBranches() {
        one.commit(10, at(0));
        secondFork = one.end();
        two = one.forkedAs(2);
        two.commit(20, at(40)).switchSegment().commit(21, at(41)).switchSegment();
        one.switchSegment().commit(11, at(10)).fillUntil(16).commit(12, at(11));
        thirdFork = one.end();
        three = one.forkedAs(3);
        three.commit(30, at(50)).switchSegment();
        one.commit(13, at(12)).switchSegment();
        store(one, 3, 4, 5);
        history(2, secondFork);
        history(3, thirdFork);
    }

    @Test
    void aSegmentIsNotReadOnFromABranchBesideItThoughItsAddressFits() {
        store(two, 3, 4);
        store(three, 5);

        List<TimelineFacts> timelines = catalog().timelines();
        List<TargetLocation> found = catalog().locate(new RecoveryTarget.AtXid(30), false);

        assertThat(timelines.get(2).lastCommitAt()).isEqualTo(at(50));
        assertThat(timelines.get(2).available()).hasSize(1);
        assertThat(found).singleElement().satisfies(location -> {
            assertThat(location.timeline()).isEqualTo(3);
            assertThat(location.lastCommitAt()).isEqualTo(at(50));
        });
    }

    @Test
    void theIndexOfTheSegmentInWhichATimelineBeginsIsComplete() {
        store(two, 3, 4);
        store(three, 5);
        WalIndexer indexer = new WalIndexer(archive);
        add(indexer, one, 3, 4, 5);
        add(indexer, two, 3, 4);
        add(indexer, three, 5);
        indexer.flush();

        SegmentSummary summary = WalIndex.read(archive, "0000000300000000").get(three.name(5));

        assertThat(summary).isNotNull().satisfies(found -> {
            assertThat(found.complete()).isTrue();
            assertThat(found.lastCommitAt()).isEqualTo(at(50));
        });
    }

    @Test
    void withoutTheSegmentInWhichItBeginsATimelineHasAHoleAndItsParentsIsNone() {
        store(two, 4);

        Window window = window();

        assertThat(window.holes()).containsExactly(new Hole(2, List.of(two.name(3))));
        assertThat(window.ranges()).extracting(Range::timeline).containsExactly(1);
    }

    @Test
    void aTimelineOfWhichOnlyTheHistoryIsArchivedReachesNothingYet() {
        Window window = window();

        assertThat(window.holes()).isEmpty();
        assertThat(window.ranges()).singleElement().satisfies(range -> {
            assertThat(range.timeline()).isEqualTo(1);
            assertThat(range.to()).isEqualTo(at(12));
        });
    }

    @Test
    void theUnfinishedEndOfABranchThatWasLeftIsWithinReach() {
        three.commit(31, at(60));
        byte[] early = three.segment(6);
        three.commit(32, at(61));
        Lsn reached = three.end();
        three.commit(33, at(62));
        store(three, 5);
        // Saved twice: a server that was started again wrote on. PostgreSQL's own holds the least.
        byte[] late = three.segment(6);
        java.util.Arrays.fill(late, (int) (reached.value() - (6 << 20)), late.length, (byte) 0);
        archive.store(WalSalvage.partialName(three.name(6), late), late);
        archive.store(WalSalvage.partialName(three.name(6), early), early);
        archive.store(three.name(6) + ".partial", early);

        TimelineFacts third = catalog().timelines().get(2);

        assertThat(third.lastCommitAt()).isEqualTo(at(61));
        assertThat(third.end()).isEqualTo(reached);
        assertThat(catalog().locate(new RecoveryTarget.AtTime(at(60)), false))
                .extracting(TargetLocation::lastCommitAt)
                .containsExactly(at(60));
        assertThat(window().ranges())
                .filteredOn(range -> range.timeline() == 3)
                .extracting(Range::to)
                .containsExactly(at(61));
    }

    @Test
    void whatWasSavedOfASegmentIsNothingWhereTheWholeOneIsThere() {
        byte[] early = three.segment(5);
        store(three, 5);
        java.util.Arrays.fill(early, 8192, early.length, (byte) 0);
        archive.store(three.name(5) + ".partial", early);

        assertThat(catalog().timelines().get(2).lastCommitAt()).isEqualTo(at(50));
    }

    private Window window() {
        BaseBackup backup = new BaseBackup(
                "b",
                "main",
                archive.systemId(),
                150_000,
                1,
                new Lsn(3 << 20),
                new Lsn((3 << 20) + 40),
                at(-10),
                at(-5),
                1,
                1,
                1,
                null);
        return new RecoveryWindow(catalog(), List.of(backup), WalBytes.SIZE, segment -> false).compute(null);
    }

    private WalCatalog catalog() {
        return new WalCatalog(archive, WalBytes.SIZE, null);
    }

    private void add(WalIndexer indexer, WalBytes wal, long... segments) {
        for (long segment : segments) {
            indexer.add(wal.name(segment), wal.segment(segment));
        }
    }

    private void store(WalBytes wal, long... segments) {
        for (long segment : segments) {
            archive.store(wal.name(segment), wal.segment(segment));
        }
    }

    private void history(int timeline, Lsn fork) {
        archive.store(
                "%08X.history".formatted(timeline),
                ("1\t" + fork + "\tno recovery target\n").getBytes(StandardCharsets.UTF_8));
    }

    private static Instant at(int seconds) {
        return T0.plusSeconds(seconds);
    }
}
