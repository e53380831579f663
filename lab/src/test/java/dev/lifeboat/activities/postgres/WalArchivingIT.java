package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.CleanupOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Hole;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Setup;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.SetupOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("any-engine")
class WalArchivingIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private BackupWorld world;
    private PostgresCatalogActivitiesImpl catalog;

    @BeforeEach
    void startServerThatArchives() throws IOException {
        world = BackupWorld.start("");
        catalog = new PostgresCatalogActivitiesImpl(world.access());
        Setup setup = catalog.setup(new SetupOrder("main", true));
        assertThat(setup.restartNeeded()).isTrue();
        Setup second = catalog.setup(new SetupOrder("main", true));
        assertThat(second.changed()).isFalse();
        assertThat(second.restartNeeded()).isTrue();
        world.server.restart();
    }

    @AfterEach
    void stop() throws IOException {
        world.close();
    }

    @Test
    void afterSetupAndRestartThereIsNothingLeftToSetUp() {
        Setup again = catalog.setup(new SetupOrder("main", true));

        assertThat(again.changed()).isFalse();
        assertThat(again.restartNeeded()).isFalse();
        assertThat(world.server.query("select count(*) from lifeboat.marker")).isEqualTo("1");
    }

    @Test
    void setupOfAStoppedServerIsThereWhenItStarts() {
        world.server.execute("alter system reset all");
        world.server.stopFast();

        assertThat(catalog.setup(new SetupOrder("main", true)).changed()).isTrue();
        world.server.start();

        assertThat(world.server.query("show archive_mode")).isEqualTo("on");
        assertThat(world.server.query("show archive_command"))
                .isEqualTo(
                        new ArchiveNotes(world.access().folder(), world.access().user()).command());
        assertThat(world.server.query("show archive_timeout")).isEqualTo("1min");
    }

    @Test
    void whatPilesUpWithoutAWorkerIsArchivedAndIndexedWhenItComes() {
        String first = finishSegment("one");
        String second = finishSegment("two");
        assertThat(archived()).isEmpty();

        try (WalArchiver archiver = new WalArchiver(world.access())) {
            archiver.start();
            awaitArchived(first, second);
            await().atMost(LIMIT).until(() -> accepted() >= 2);
            String third = finishSegment("three");
            awaitArchived(third);

            assertThat(archiver.status().active()).isTrue();
            await().atMost(LIMIT).until(() -> archiver.status().ready() == 0);
            assertThat(archiver.status().lastError()).isNull();
        }
        Map<String, SegmentSummary> index = WalIndex.read(archive(), WalIndex.nameFor(first));
        assertThat(index).containsKeys(first, second);
        assertThat(index.values()).allMatch(SegmentSummary::complete);
    }

    @Test
    void aBucketThatIsAwayStopsNothingForEver() {
        world.store.goAway();
        String segment = finishSegment("lost?");

        try (WalArchiver archiver = new WalArchiver(world.access())) {
            archiver.start();
            await().atMost(LIMIT).until(() -> archiver.status().lastError() != null);
            assertThat(accepted()).isZero();
            world.store.comeBack();

            awaitArchived(segment);
            await().atMost(LIMIT).until(() -> accepted() > 0);
            await().atMost(LIMIT).until(() -> archiver.status().lastError() == null);
        }
    }

    @Test
    void otherContentUnderTheSameNameIsNeverReplacedNorAccepted() throws IOException {
        String segment = finishSegment("mine");
        byte[] foreign = Files.readAllBytes(wal(segment));
        foreign[20_000] ^= 1;
        archive().store(segment, foreign);
        byte[] before = world.store.readAll(archive().key(segment));

        try (WalArchiver archiver = new WalArchiver(world.access())) {
            archiver.start();
            await().atMost(LIMIT).until(() -> archiver.status().lastError() != null);

            assertThat(archiver.status().lastError()).contains(segment).contains("other content");
            assertThat(world.store.readAll(archive().key(segment))).isEqualTo(before);
            assertThat(world.access().folder().archived().resolve(segment)).doesNotExist();
        }
    }

    @Test
    void aSecondWorkerStaysAsideUntilTheFirstIsGone() {
        try (WalArchiver second = new WalArchiver(world.access())) {
            try (WalArchiver first = new WalArchiver(world.access())) {
                first.start();
                await().atMost(LIMIT).until(() -> first.status().active());
                second.start();
                await().atMost(LIMIT).until(() -> second.status().lastError() != null);
                assertThat(second.status().active()).isFalse();
            }

            await().atMost(LIMIT).until(() -> second.status().active());
        }
    }

    @Test
    void theWindowBeginsWithTheBackupAndNamesAHole() throws Exception {
        try (WalArchiver archiver = new WalArchiver(world.access())) {
            archiver.start();
            BaseBackupManifest backup = new BaseBackupTaker(
                            world.access(), new Fence("main", 1, "run"), BackupWorld.NOBODY, ChunkWriter.TARGET_BYTES)
                    .take();
            String before = finishSegment("a");
            String missing = finishSegment("b");
            String after = finishSegment("c");
            awaitArchived(before, missing, after);
            Window whole = catalog.window("main");
            Path waits = world.access().liveWal().resolve("archive_status/" + missing + ".ready");
            await().atMost(LIMIT).until(() -> !Files.exists(waits));
            Window late = new PostgresCatalogActivitiesImpl(listedLate(missing)).window("main");
            world.store.delete(archive().key(missing));

            Window broken = catalog.window("main");

            assertThat(whole.holes()).isEmpty();
            assertThat(late.holes())
                    .as("it had arrived when its mark was looked for")
                    .isEmpty();
            assertThat(whole.ranges()).singleElement().satisfies(range -> {
                assertThat(range.fromLsn()).isEqualTo(backup.endLsn());
                assertThat(range.to()).isAfter(range.from());
            });
            assertThat(broken.holes()).containsExactly(new Hole(1, List.of(missing)));
            assertThat(broken.ranges().get(0).toLsn())
                    .isLessThan(whole.ranges().get(0).toLsn());
            assertThat(broken.liveEnd()).isNotNull();
            assertThat(catalog.listBackups("main")).singleElement().satisfies(entry -> assertThat(entry.id())
                    .isEqualTo(backup.id()));
        }
    }

    @Test
    void targetsAreFoundInTheBucketAndOnTheLiveDiskAlike() throws Exception {
        world.server.execute("create table t (n int)");
        String first = finishSegment("x");
        archive().store(first, wal(first));
        world.server.execute("select pg_create_restore_point('here')");
        Instant between = Instant.parse(String.valueOf(world.server.query(
                "select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")));
        world.server.execute("insert into t values (1)");
        String xid =
                String.valueOf(world.server.query("insert into t values (2) returning pg_current_xact_id()::text"));

        WalCatalog wal =
                new WalCatalog(archive(), WalSegmentSize.DEFAULT, world.access().liveWal());

        TargetLocation time = only(wal.locate(new RecoveryTarget.AtTime(between), false));
        assertThat(time.nextCommitAt()).isAfter(between);
        assertThat(time.lastCommitAt()).isBefore(between);
        TargetLocation point = only(wal.locate(new RecoveryTarget.AtRestorePoint("here"), false));
        assertThat(point.stopLsn()).isLessThan(time.stopLsn());
        TargetLocation transaction = only(wal.locate(new RecoveryTarget.AtXid(Long.parseLong(xid)), false));
        assertThat(transaction.lastCommitAt()).isAfter(time.nextCommitAt());
        TargetLocation early = only(wal.locate(new RecoveryTarget.AtXid(Long.parseLong(xid)), true));
        assertThat(early.nextCommitAt()).isEqualTo(transaction.lastCommitAt());
        TargetLocation position = only(wal.locate(new RecoveryTarget.AtLsn(time.stopLsn()), true));
        assertThat(position).isEqualTo(time);
        TargetLocation latest = only(wal.locate(new RecoveryTarget.Latest(), false));
        assertThat(latest.lastCommitAt()).isEqualTo(transaction.lastCommitAt());
        assertThat(wal.locate(new RecoveryTarget.AtTime(Instant.now().plusSeconds(60)), false))
                .isEmpty();
        assertThat(wal.locate(new RecoveryTarget.AtRestorePoint("nowhere"), false))
                .isEmpty();
    }

    @Test
    void cleanupRemovesOnlyWhatIsDue() throws IOException {
        Path data = world.server.dataDirectory();
        Path due = Files.createDirectory(data.resolveSibling(data.getFileName() + ".before-20200101T000000Z"));
        Path later = Files.createDirectory(data.resolveSibling(data.getFileName() + ".before-20200102T000000Z"));
        Files.writeString(due.resolve("PG_VERSION"), "15");
        keep(due, Instant.now().minusSeconds(1));
        keep(later, Instant.now().plusSeconds(1000));

        catalog.cleanup(new CleanupOrder("main", false));
        assertThat(due).exists();
        catalog.cleanup(new CleanupOrder("main", true));

        assertThat(due).doesNotExist();
        assertThat(later).exists();
        assertThat(catalog.cleanup(new CleanupOrder("main", true)).removed()).isEmpty();
    }

    /** As one sees the bucket who lists it a moment before this segment arrives, and later again. */
    private ClusterAccess listedLate(String segment) {
        AtomicBoolean arrived = new AtomicBoolean();
        ObjectStore store = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    boolean early = method.getName().equals("list")
                            && world.store.list(String.valueOf(arguments[0])).stream()
                                    .anyMatch(object ->
                                            object.key().equals(archive().key(segment)))
                            && !arrived.getAndSet(true);
                    try {
                        return early
                                ? world.store.list(String.valueOf(arguments[0])).stream()
                                        .filter(object ->
                                                !object.key().equals(archive().key(segment)))
                                        .toList()
                                : method.invoke(world.store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
        return new ClusterAccess(world.server.config(), store, fence -> {}, Map.of(), "1@here");
    }

    private void keep(Path directory, Instant until) throws IOException {
        new KeptDirectory(1, "old data directory", directory.toString(), "run", until)
                .write(world.access().user());
    }

    private static TargetLocation only(List<TargetLocation> found) {
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    /** Writes something and ends the segment; returns its name. */
    private String finishSegment(String what) {
        world.server.execute("create table if not exists note (text text)", "insert into note values ('" + what + "')");
        return world.server.switchWal();
    }

    private WalArchive archive() {
        return world.access().archive(world.systemId());
    }

    private List<String> archived() {
        return archive().names().values().stream()
                .flatMap(java.util.Collection::stream)
                .toList();
    }

    private void awaitArchived(String... names) {
        await().atMost(LIMIT).until(() -> archived().containsAll(List.of(names)));
        assertThat(world.store.list(BucketLayout.wal("main", world.systemId()))).isNotEmpty();
    }

    /** How many files PostgreSQL itself believes to be archived. */
    private int accepted() {
        return Integer.parseInt(String.valueOf(world.server.query("select archived_count from pg_stat_archiver")));
    }

    private Path wal(String name) {
        return world.access().liveWal().resolve(name);
    }
}
