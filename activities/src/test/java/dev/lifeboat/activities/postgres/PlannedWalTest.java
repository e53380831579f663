package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needed are 3 of timeline 1, 4 of timeline 2, which begins with what it copied of timeline 1, and 5 of timeline 2. */
class PlannedWalTest {

    private static final Instant T0 = Instant.parse("2026-02-15T12:00:00Z");
    private static final String SYSTEM = Long.toString(WalBytes.SYSTEM);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final WalArchive archive = new WalArchive(store, "main", SYSTEM);
    private final WalBytes one = new WalBytes(1, 3, 4);
    private WalBytes two = one;

    @SuppressWarnings("NullAway.Init")
    private RecoveryWorkspace workspace;

    @SuppressWarnings("NullAway.Init")
    private PlannedWal wal;

    @BeforeEach
    void twoTimelines() throws IOException {
        one.commit(10, T0).fillUntil(16).commit(11, T0.plusSeconds(10));
        Lsn fork = one.end();
        two = one.forkedAs(2).commit(20, T0.plusSeconds(40)).switchSegment();
        two.commit(21, T0.plusSeconds(60)).switchSegment();
        one.commit(12, T0.plusSeconds(20))
                .switchSegment()
                .commit(13, T0.plusSeconds(30))
                .switchSegment();
        archive.store("00000002.history", ("1\t" + fork + "\tno target\n").getBytes(StandardCharsets.UTF_8));
        WalIndexer indexer = new WalIndexer(archive);
        store(indexer, one, 3);
        store(indexer, two, 4);
        store(indexer, two, 5);
        indexer.flush();
        RecoveryPlan plan = plan(fork);
        workspace = new RecoveryWorkspace(plan.directories(), new ServerUser(null));
        workspace.claim(new Fence("main", 1, "run")).close();
        Files.createDirectories(live());
        wal = new PlannedWal(workspace, new NeededWal(plan, WalBytes.SIZE), archive, live());
    }

    @Test
    void whatIsIntactIsTakenAndNothingIsSaid() throws IOException {
        for (String name : List.of(one.name(3), two.name(4), two.name(5), "00000002.history")) {
            assertThat(wal.fetch(name, into())).as(name).isTrue();
        }
        assertThat(into()).hasBinaryContent(archive.read("00000002.history").orElseThrow());
        assertThat(PlannedWal.findings(workspace)).isEmpty();
    }

    @Test
    void aTruncatedOneIsTakenFromTheLiveDiskAndTheReportSaysSo() throws IOException {
        byte[] stored = store.readAll(archive.key(two.name(5)));
        store.put(archive.key(two.name(5)), Arrays.copyOf(stored, stored.length / 2));
        Files.write(live().resolve(two.name(5)), two.segment(5));

        assertThat(wal.fetch(two.name(5), into())).isTrue();

        assertThat(into()).hasBinaryContent(two.segment(5));
        assertThat(PlannedWal.findings(workspace)).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo("high");
            assertThat(finding.what())
                    .contains(two.name(5), live().resolve(two.name(5)).toString(), "cannot unpack s3://memory/");
        });
    }

    @Test
    void oneWithAFlippedBitIsTakenFromTheVersionThatTheBucketKeeps() throws IOException {
        store.keepVersions();
        byte[] stored = store.readAll(archive.key(two.name(5)));
        stored[stored.length / 2] ^= 1;
        store.put(archive.key(two.name(5)), stored);

        assertThat(wal.fetch(two.name(5), into())).isTrue();

        assertThat(into()).hasBinaryContent(two.segment(5));
        assertThat(PlannedWal.findings(workspace))
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains("in its version 0 of 1970-01-01");
    }

    @Test
    void anotherClustersUnderItsNameIsNotTaken() throws IOException {
        store.keepVersions();
        byte[] foreign = two.segment(5);
        ByteBuffer.wrap(foreign).order(ByteOrder.nativeOrder()).putLong(24, 4711);
        replace(two.name(5), foreign);

        assertThat(wal.fetch(two.name(5), into())).isTrue();

        assertThat(into()).hasBinaryContent(two.segment(5));
        assertThat(PlannedWal.findings(workspace))
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains("belongs to system identifier 4711");
    }

    @Test
    void anotherTimelinesContentUnderItsNameStopsWithBothFacts() {
        replace(two.name(5), one.segment(5));

        RecoveryFailure failure = damaged(two.name(5));

        assertThat(failure)
                .hasMessageContaining(
                        "begins with WAL of timeline 1, where on the way to timeline 2 that of timeline 2")
                .hasMessageContaining("there is no " + live().resolve(two.name(5)))
                .hasMessageContaining("the bucket keeps no earlier version of it");
        assertThat(failure.hint()).contains("lifeboat retry", "0/500000");
        assertThat(into()).doesNotExist();
    }

    @Test
    void otherBytesBehindARightHeaderAreFoundByWhatTheIndexSays() {
        byte[] other = two.segment(5);
        other[100_000] ^= 1;
        replace(two.name(5), other);

        RecoveryFailure failure = damaged(two.name(5));

        assertThat(failure)
                .hasMessageContaining("its CRC32C is " + WalArchive.crc32c(other))
                .hasMessageContaining("index/" + two.name(5).substring(0, 16) + ".json")
                .hasMessageContaining("says " + WalArchive.crc32c(two.segment(5)));
    }

    @Test
    void aCopyOnTheLiveDiskThatIsNotItEitherIsNotTaken() throws IOException {
        byte[] other = two.segment(5);
        other[100_000] ^= 1;
        replace(two.name(5), other);
        Files.write(live().resolve(two.name(5)), one.segment(5));

        assertThat(damaged(two.name(5))).hasMessageContaining(live().resolve(two.name(5)) + ": it begins with WAL of");
    }

    @Test
    void withoutAnIndexAnUnfinishedCopyIsNotTaken() throws IOException {
        store.delete(dev.lifeboat.activities.store.BucketLayout.walIndex(
                "main", SYSTEM, two.name(5).substring(0, 16)));
        replace(two.name(5), one.segment(5));
        byte[] unfinished = new byte[1 << 20];
        System.arraycopy(two.segment(5), 0, unfinished, 0, 64);
        Files.write(live().resolve(two.name(5)), unfinished);

        assertThat(damaged(two.name(5))).hasMessageContaining("its WAL ends in the middle");
    }

    @Test
    void oneThatWasRemovedIsTakenFromTheVersionThatIsLeft() throws IOException {
        store.keepVersions();
        store.delete(archive.key(two.name(5)));

        assertThat(wal.fetch(two.name(5), into())).isTrue();

        assertThat(PlannedWal.findings(workspace))
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains("is not there");
    }

    @Test
    void whatWasSavedOfTheLiveDiskIsLeftToWhoAskedAndAHoleStaysAHole() throws IOException {
        store.delete(archive.key(two.name(5)));
        assertThat(wal.fetch(two.name(5), into())).as("a hole").isFalse();

        Files.write(workspace.salvaged().resolve(two.name(5)), new byte[1 << 20]);
        assertThat(wal.fetch(two.name(5), into())).as("saved, whole or not").isFalse();
    }

    @Test
    void aStoreThatIsAwayIsNoDamage() {
        store.goAway();

        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> wal.fetch(two.name(5), into()))
                .extracting(RecoveryFailure::code)
                .isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE);
    }

    private RecoveryFailure damaged(String name) {
        RecoveryFailure failure = assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> wal.fetch(name, into()))
                .actual();
        assertThat(failure.code()).isEqualTo(FailureCode.WAL_DAMAGED);
        assertThat(PlannedWal.findings(workspace)).isEmpty();
        return failure;
    }

    private void store(WalIndexer indexer, WalBytes bytes, long number) {
        archive.store(bytes.name(number), bytes.segment(number));
        indexer.add(bytes.name(number), bytes.segment(number));
    }

    private void replace(String name, byte[] plain) {
        store.put(archive.key(name), Zstandard.compress(plain));
    }

    private Path live() {
        return folder.resolve("live/pg_wal");
    }

    private Path into() {
        return folder.resolve("into");
    }

    private RecoveryPlan plan(Lsn fork) {
        BaseBackup backup = new BaseBackup(
                "20260822T013000Z",
                "main",
                SYSTEM,
                150018,
                1,
                Lsn.parse("0/300028"),
                Lsn.parse("0/300138"),
                T0,
                T0,
                1,
                1,
                1,
                null);
        return new RecoveryPlan(
                "main",
                SYSTEM,
                Placement.DRILL,
                new RecoveryTarget.Latest(),
                false,
                backup,
                2,
                List.of(new Leg(1, fork), new Leg(2, null)),
                null,
                null,
                null,
                one.name(3),
                two.name(5),
                3,
                null,
                new Directories(
                        folder.resolve("live").toString(),
                        folder.resolve("work/data").toString(),
                        folder.resolve("work").toString(),
                        0),
                List.of(),
                "digest");
    }
}
