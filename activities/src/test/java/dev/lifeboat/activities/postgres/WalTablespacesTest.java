package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts.Creation;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where CREATE TABLESPACE lies in WAL, however the WAL is looked at. */
class WalTablespacesTest {

    private static final Instant NOON = Instant.parse("2026-02-15T12:00:00Z");
    private static final String INDEX = "0000000100000000";

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final WalArchive archive = new WalArchive(store, "main", Long.toString(WalBytes.SYSTEM));

    @Test
    void eachIsToldOnceOnTheTimelineThatItsRecordBelongsTo() {
        WalBytes one = new WalBytes(1, 3, 4).commit(10, NOON).tablespace(16390, "/srv/fast");
        Lsn fork = one.end();
        // The new timeline's copy of the segment begins with the same record.
        WalBytes two = one.forkedAs(2).tablespace(16391, "/srv/wide").switchSegment();
        store(one, 3);
        store(two, 3);
        archive.store("00000002.history", ("1\t" + fork + "\tno reason\n").getBytes(StandardCharsets.UTF_8));

        assertThat(new WalCatalog(archive, WalBytes.SIZE, null).tablespacesCreated())
                .extracting(Creation::timeline, Creation::location)
                .containsExactlyInAnyOrder(tuple(1, "/srv/fast"), tuple(2, "/srv/wide"));
    }

    @Test
    void anIndexThatSaysNothingOfThemIsNotTakenForSayingThatThereAreNone() {
        WalBytes wal = new WalBytes(1, 3, 2)
                .commit(10, NOON)
                .tablespace(16390, "/srv/fast")
                .switchSegment();
        store(wal, 3);
        WalIndex.write(archive, INDEX, withoutTablespaces(indexed()));

        assertThat(new WalCatalog(archive, WalBytes.SIZE, null).tablespacesCreated())
                .extracting(Creation::oid)
                .containsExactly("16390");
    }

    @Test
    void theIndexIsCompletedOneSegmentAtATimeAndThenLeftAlone() {
        WalBytes wal = new WalBytes(1, 3, 4)
                .commit(10, NOON)
                .switchSegment()
                .tablespace(16390, "/srv/fast")
                .switchSegment();
        store(wal, 3, 4);
        Map<String, SegmentSummary> whole = indexed();
        WalIndex.write(archive, INDEX, withoutTablespaces(whole));

        WalIndexer indexer = new WalIndexer(archive);
        int steps = 0;
        while (indexer.catchUp()) {
            steps++;
        }

        assertThat(steps).isEqualTo(2);
        assertThat(WalIndex.read(archive, INDEX)).isEqualTo(whole);
        assertThat(new WalIndexer(archive).catchUp()).isFalse();
    }

    @Test
    void whileTheStoreIsAwayTheIndexWaits() {
        store(new WalBytes(1, 3, 2).commit(10, NOON).switchSegment(), 3);
        WalIndexer indexer = new WalIndexer(archive, Duration.ZERO);
        store.goAway();
        assertThat(indexer.catchUp()).isTrue();
        store.comeBack();

        assertThat(indexer.catchUp()).isTrue();
        assertThat(indexer.catchUp()).isFalse();
        assertThat(WalIndex.read(archive, INDEX)).hasSize(1);
    }

    @Test
    void oneThatWasMadeSinceThePlanStopsAReplayToTheEndAndNoOther(@TempDir Path folder) throws IOException {
        WalBytes wal = new WalBytes(1, 7, 3).fillUntil(16).tablespace(16390, "/srv/fast");
        store(wal, 7);
        Path segment = Files.write(folder.resolve("segment"), wal.segment(8));
        String name = "000000010000000000000008";

        // The record begins in segment 7, which the guard fetches to see it whole.
        assertThatThrownBy(() -> guard(new RecoveryTarget.Latest(), folder).check(name, segment))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.TABLESPACE_CREATED))
                .hasMessageContaining("/srv/fast");
        assertThatCode(() -> guard(new RecoveryTarget.Immediate(), folder).check(name, segment))
                .doesNotThrowAnyException();
        assertThat(folder).isDirectoryNotContaining("glob:**.before");
    }

    private TablespaceGuard guard(RecoveryTarget target, Path folder) {
        return new TablespaceGuard(
                new NeededWal(onTimelineOne(target, folder), WalBytes.SIZE),
                (name, into) -> archive.fetch(name, into).isPresent());
    }

    /** The usual plan, needing segments 3 to 7 of the first timeline. */
    private static RecoveryPlan onTimelineOne(RecoveryTarget target, Path folder) {
        var usual = TestPlans.plan(target, null, Placement.DRILL, folder);
        return new RecoveryPlan(
                usual.cluster(),
                usual.systemId(),
                usual.placement(),
                usual.target(),
                usual.exclusive(),
                new BaseBackup(
                        "b", "main", "42", 150018, 1, new Lsn(3 << 20), new Lsn(4 << 20), NOON, NOON, 1, 1, 1, null),
                1,
                List.of(new Leg(1, null)),
                null,
                null,
                null,
                "000000010000000000000003",
                "000000010000000000000007",
                5,
                null,
                usual.directories(),
                List.of(),
                "digest");
    }

    private Map<String, SegmentSummary> indexed() {
        WalIndexer indexer = new WalIndexer(archive);
        while (indexer.catchUp()) {
            // Until nothing is lacking.
        }
        return WalIndex.read(archive, INDEX);
    }

    /** As they were written before anybody looked for tablespaces. */
    private static Map<String, SegmentSummary> withoutTablespaces(Map<String, SegmentSummary> summaries) {
        Map<String, SegmentSummary> old = new TreeMap<>();
        summaries.forEach((name, s) -> old.put(
                name,
                new SegmentSummary(
                        s.name(),
                        s.whole(),
                        s.headUnseen(),
                        s.end(),
                        s.transactions(),
                        s.firstCommitAt(),
                        s.lastCommitAt(),
                        s.latestEndAt(),
                        s.minXid(),
                        s.maxXid(),
                        s.restorePoints(),
                        null)));
        return old;
    }

    private void store(WalBytes wal, long... segments) {
        for (long segment : segments) {
            archive.store(wal.name(segment), wal.segment(segment));
        }
    }
}
