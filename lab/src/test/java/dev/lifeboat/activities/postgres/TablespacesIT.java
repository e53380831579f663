package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.lab.engine.Ports;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Cleanup;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.CleanupOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Tablespaces beside the data directory, from the backup to the cleanup, on one real server whose story goes on. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("any-engine")
class TablespacesIT {

    private static final String ROWS =
            "select count(*) || ' ' || md5(string_agg(id || text, ',' order by id)) from orders";

    private static TablespaceWorld world;
    private static Path fast;
    private static Path wide;
    private static Path gone;
    private static String rowsAtTarget = "";

    @BeforeAll
    static void aClusterWithTablespaces() throws IOException {
        world = new TablespaceWorld();
        fast = world.create("fast");
        wide = world.create("wide");
        gone = world.create("gone");
        world.server.execute(
                "create table orders (id int, text text) tablespace fast",
                "create index orders_id on orders (id) tablespace wide",
                "insert into orders select n, repeat('x', n % 300) from generate_series(1, 5000) n",
                "create table still tablespace wide as select n from generate_series(1, 3000) n",
                "create database scratch tablespace wide",
                "checkpoint");
    }

    @AfterAll
    static void end() {
        world.close();
    }

    @Test
    @Order(1)
    void aSpoolThatWouldNotFitIsRefusedWithBothNumbersBeforeAnythingIsWritten() throws Exception {
        Path sparse = world.server.dataDirectory().resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(8L << 40);
        }
        world.user.own(sparse);

        world.archiveThrough(": " + world.access().folder().shims() + " && ");
        assertThatThrownBy(() -> new PostgresBackupActivitiesImpl(world.access()).checkCluster("main"))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.TOO_LITTLE_SPACE);
                    assertThat(failure.hint()).contains("spool-directory");
                })
                .hasMessageContaining("needs 8.4 TiB")
                .hasMessageContaining("are free");
        assertThatThrownBy(() -> new BaseBackupTaker(
                                world.access(), new Fence("main", 1, "too-large"), endsWhatWouldFillTheDisk(), 4 << 20)
                        .take())
                .hasMessageContaining("needs 8.4 TiB");

        assertThat(BackupSpool.of(world.access()).root()).doesNotExist();
        assertThat(world.store.list("")).isEmpty();
        Files.delete(sparse);
    }

    private static Watch endsWhatWouldFillTheDisk() {
        return new Watch() {
            @Override
            public void progress(Progress now) {}

            @Override
            public void check() {
                throw new IllegalStateException("the copying has begun");
            }
        };
    }

    @Test
    @Order(2)
    void tablespacesInsideTheDataDirectoryAreRefusedWherePostgresqlLeavesThemOut() {
        world.server.execute("set allow_in_place_tablespaces = on", "create tablespace inside location ''");
        int major = Integer.parseInt(String.valueOf(world.server.query("show server_version_num"))) / 10_000;

        var checks = BackupReadiness.check(ServerFacts.read(world.access()), world.access()).stream()
                .filter(check -> check.name().equals("tablespaces inside the data directory"))
                .toList();

        assertThat(checks).singleElement().satisfies(check -> assertThat(check.verdict())
                .isEqualTo(major >= 16 ? Verdict.PASS : Verdict.FAIL));
        world.server.execute("drop tablespace inside");
    }

    @Test
    @Order(3)
    void aBackupHoldsEveryTablespaceInChunksOfItsOwnAndLeavesNoSpool() throws Exception {
        Path spool = BackupSpool.of(world.access()).root();
        FileTrees.makePrivate(spool.resolve("of-a-killed-one"), world.user);
        Files.writeString(spool.resolve("of-a-killed-one/16390.tar"), "half");

        BaseBackupManifest manifest = world.backUp();

        assertThat(spool).doesNotExist();
        assertThat(manifest.tablespaces().values())
                .extracting(BaseBackupManifest.Place::name)
                .containsExactlyInAnyOrder("fast", "wide", "gone");
        assertThat(manifest.tablespaces().values())
                .extracting(BaseBackupManifest.Place::location)
                .contains(fast.toString());
        assertThat(manifest.allChunks())
                .extracting(Chunk::tablespace)
                .contains("")
                .containsAll(manifest.tablespaces().keySet());
        assertThat(manifest.bytes())
                .isGreaterThan(Long.parseLong(String.valueOf(
                        world.server.query("select (sum(pg_database_size(oid)) * 9 / 10)::bigint from pg_database"))));
        assertThat(new BackupReadBack(world.access().backups(), manifest)
                        .readBack(seen -> {})
                        .verdict())
                .isEqualTo(Verdict.PASS);
        byHandItIsWhatPostgresqlCallsIntact(manifest);
    }

    /** As the runbook says it: each chunk into the folder of its tablespace. */
    private static void byHandItIsWhatPostgresqlCallsIntact(BaseBackupManifest manifest) throws IOException {
        Path data = Files.createDirectories(world.folder.resolve("by-hand/data"));
        for (Chunk chunk : manifest.allChunks()) {
            Path into = chunk.tablespace().isEmpty()
                    ? data
                    : Files.createDirectories(data.resolve("pg_tblspc/" + chunk.tablespace()));
            Path file = world.folder.resolve("by-hand/chunk");
            Files.write(file, world.store.readAll(world.access().backups().chunkKey(manifest, chunk)));
            world.shell("zstd -dqc " + file + " | tar x -C " + into);
        }
        assertThat(world.shell(world.server.binDirectory().resolve("pg_verifybackup") + " -n " + data))
                .contains("successfully verified");
        FileTrees.delete(data);
    }

    @Test
    @Order(4)
    void aDrillRecoversThemElsewhereAndDropsInTheWalHurtNobody() throws Exception {
        world.server.execute(
                "insert into orders select n, 'late' from generate_series(5001, 6000) n",
                "alter tablespace wide rename to wider",
                "drop database scratch",
                "drop tablespace gone");
        // Somebody else uses that folder now, a server of the same version.
        Path theirs = Files.createDirectory(gone.resolve(versionFolder(fast)));
        world.user.own(theirs);
        world.write(theirs.resolve("precious"), "theirs");
        rowsAtTarget = String.valueOf(world.server.query(ROWS));
        world.server.execute("select pg_create_restore_point('good')", "checkpoint");
        world.archiveAll();
        Map<Path, Map<String, String>> before = digests();
        RecoveryOrder order = world.order(world.plan(new RecoveryTarget.AtRestorePoint("good"), Placement.DRILL));

        StepOutcome restored = world.copy().restoreBaseBackup(order, CopyWorld.NOBODY);
        world.copy().replayWal(order, CopyWorld.NOBODY);
        world.copy().proveRecoveryPoint(order, CopyWorld.NOBODY);
        String rows = world.ask(order, ROWS);
        String locations = world.ask(
                order, "select string_agg(spcname, ',' order by spcname) from pg_tablespace where spcname !~ '^pg_'");
        world.copy().removeCopy(order);

        assertThat(restored.checks()).singleElement().satisfies(check -> {
            assertThat(check.name()).isEqualTo("pg_verifybackup");
            assertThat(check.verdict()).isEqualTo(Verdict.PASS);
        });
        assertThat(rows).isEqualTo(rowsAtTarget);
        assertThat(locations).isEqualTo("fast,wider");
        assertThat(digests()).isEqualTo(before);
        assertThat(theirs.resolve("precious")).hasContent("theirs");
        assertThat(Path.of(order.plan().directories().workspace())).doesNotExist();
        assertThat(fast.resolve("lifeboat-main")).doesNotExist();
    }

    @Test
    @Order(5)
    void aCopyBesideKeepsThemBesideItselfAndRunsOnThem() throws Exception {
        Path into = world.server.root().resolve("beside");
        int port = Ports.free();
        Map<Path, Map<String, String>> before = digests();
        RecoveryOrder order = world.order(
                world.plan(new RecoveryTarget.AtRestorePoint("good"), Placement.INTO, into.toString(), port));

        recoverCopy(order);
        world.live().reopen(order);

        assertThat(askAt(port, ROWS)).isEqualTo(rowsAtTarget);
        assertThat(askAt(port, "select pg_tablespace_location(oid) from pg_tablespace where spcname = 'fast'"))
                .startsWith(into + ".tablespaces/");
        assertThat(digests()).isEqualTo(before);
        world.pgCtl(into, "stop", "-m", "immediate", "-w");
        world.copy().removeCopy(order);
        assertThat(into).doesNotExist();
        assertThat(Path.of(into + ".tablespaces")).doesNotExist();
    }

    @Test
    @Order(6)
    void aTargetBehindACreatedTablespaceIsRefusedAlsoWhenOnlyTheLiveDiskKnowsOfIt() throws Exception {
        RecoveryOrder planned = world.order(world.plan(new RecoveryTarget.Latest(), Placement.DRILL));
        Path later = world.create("later");
        world.server.execute("create table in_later tablespace later as select 1 as n", "checkpoint");

        var refused = world.plan(new RecoveryTarget.Latest(), Placement.DRILL);
        assertThat(refused.refusals()).singleElement().satisfies(refusal -> {
            assertThat(refusal.code()).isEqualTo(FailureCode.TABLESPACE_CREATED);
            assertThat(refusal).hasMessageContaining(later.toString());
            assertThat(refusal.hint()).contains("--target-lsn");
        });
        assertThat(world.plan(new RecoveryTarget.AtRestorePoint("good"), Placement.DRILL)
                        .refusals())
                .isEmpty();

        // A run whose plan was made before it must not replay it either.
        world.archiveAll();
        Map<String, String> before = world.digests(later);
        assertThatThrownBy(() -> world.copy().replayWal(planned, CopyWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.TABLESPACE_CREATED))
                .hasMessageContaining(later.toString());
        world.copy().removeCopy(planned);
        assertThat(world.digests(later)).isEqualTo(before);

        forgetTheIndex();
        assertThat(world.plan(new RecoveryTarget.Latest(), Placement.DRILL).refusals())
                .extracting(RecoveryFailure::code)
                .containsExactly(FailureCode.TABLESPACE_CREATED);
        world.backUp();
        assertThat(world.plan(new RecoveryTarget.Latest(), Placement.DRILL).refusals())
                .isEmpty();
    }

    /** As one that was written before anybody looked for tablespaces: it says nothing of them. */
    private static void forgetTheIndex() {
        WalArchive archive =
                new WalArchive(world.store, "main", world.access().controlFile().systemId());
        WalIndexer indexer = new WalIndexer(archive);
        while (indexer.catchUp()) {
            // One segment at a time.
        }
        Map<String, Map<String, SegmentSummary>> indexes = new HashMap<>();
        archive.names().values().forEach(names -> names.stream()
                .filter(dev.lifeboat.workflows.domain.postgres.WalSegmentSize::isSegmentName)
                .forEach(name ->
                        indexes.computeIfAbsent(WalIndex.nameFor(name), index -> WalIndex.read(archive, index))));
        assertThat(indexes.values()).anySatisfy(index -> assertThat(index.values())
                .anySatisfy(summary -> assertThat(summary.tablespacesCreated()).isNotEmpty()));
        indexes.forEach((name, summaries) -> {
            Map<String, SegmentSummary> old = new HashMap<>();
            summaries.forEach((segment, s) -> old.put(
                    segment,
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
            WalIndex.write(archive, name, old);
        });
    }

    @Test
    @Order(7)
    void inPlaceEveryRenameMayBeTheLastBeforeAKillAndAllOfItCanBeUndone() throws Exception {
        String rowsBefore = String.valueOf(world.server.query(ROWS));
        world.server.execute("update orders set text = 'ruined'");
        String ruined = String.valueOf(world.server.query(ROWS));
        RecoveryOrder order = world.order(world.plan(new RecoveryTarget.AtRestorePoint("good"), Placement.IN_PLACE));
        world.live().quiesce(order);
        world.live().stopServer(order);
        world.live().saveWal(order);
        recoverCopy(order);
        Map<Path, Map<String, String>> before = digests();
        String start = places(order);

        int kills = 0;
        while (!finishes(kills + 1, () -> world.live(dyingAfter(order)).swapIn(order))) {
            kills++;
            while (!finishes(1, () -> world.live(dyingAfter(order)).swapBack(order))) {
                // Killed after each single change on the way back, too.
            }
            assertThat(places(order)).as("undone after kill %d", kills).isEqualTo(start);
            assertThat(digests()).isEqualTo(before);
        }
        world.live().swapBack(order);
        assertThat(places(order)).isEqualTo(start);
        while (!finishes(1, () -> world.live(dyingAfter(order)).swapIn(order))) {
            assertThat(world.server.dataDirectory())
                    .as("no server can start on half a swap")
                    .doesNotExist();
        }
        StepOutcome swapped = world.live().swapIn(order);
        world.live().reopen(order);

        // Two data directories, three pairs of tablespaces with a link each, one of which is only set aside.
        assertThat(kills).isGreaterThan(8);
        assertThat(rowsBefore).isEqualTo(rowsAtTarget).isNotEqualTo(ruined);
        assertThat(world.server.query(ROWS)).isEqualTo(rowsAtTarget);
        assertThat(location("fast")).isEqualTo(fast.toString());
        Path old = theOldDirectoryStillStandsOnItsOwnTablespaces(swapped, ruined);
        cleanupRemovesAllOfIt(order, old);
        assertThat(world.server.query(ROWS)).isEqualTo(rowsAtTarget);
    }

    private static Path theOldDirectoryStillStandsOnItsOwnTablespaces(StepOutcome swapped, String ruined)
            throws SQLException {
        Path old = Path.of(swapped.leftBehind().get(0).where());
        assertThat(swapped.leftBehind())
                .extracting(LeftBehind::what)
                .containsExactly(
                        "old data directory",
                        "old files of a tablespace",
                        "old files of a tablespace",
                        "old files of a tablespace");
        int port = Ports.free();
        Path log = world.server.root().resolve("old.log");
        world.pgCtl(old, "start", "-w", "-l", log.toString(), "-o", "-p " + port + " -c archive_mode=off");
        assertThat(askAt(port, ROWS)).isEqualTo(ruined);
        assertThat(askAt(port, "select n from in_later")).isEqualTo("1");
        world.pgCtl(old, "stop", "-w", "-m", "fast");
        return old;
    }

    private static void cleanupRemovesAllOfIt(RecoveryOrder order, Path old) throws Exception {
        world.copy().removeCopy(order);
        for (KeptDirectory kept : KeptDirectory.of(world.cluster())) {
            new KeptDirectory(1, kept.what(), kept.path(), kept.runId(), Instant.EPOCH, kept.tablespaces())
                    .write(world.user);
        }

        Cleanup cleanup = new PostgresCatalogActivitiesImpl(world.access()).cleanup(new CleanupOrder("main", true));

        assertThat(cleanup.removed()).singleElement().asString().contains(old.toString(), fast.toString());
        assertThat(old).doesNotExist();
        for (Path location : List.of(fast, wide)) {
            assertThat(location).isDirectoryContaining(path -> String.valueOf(path.getFileName())
                    .startsWith("PG_"));
            assertThat(location.resolve("lifeboat-main")).doesNotExist();
        }
    }

    @Test
    @Order(8)
    void whereDataDirectoryAndAFolderOfATablespaceAreGoneBothAreMadeAnew() throws Exception {
        world.backUp();
        world.server.execute("insert into orders values (7000, 'last')");
        world.archiveAll();
        String rows = String.valueOf(world.server.query(ROWS));
        world.server.stopFast();
        FileTrees.delete(world.server.dataDirectory());
        FileTrees.delete(fast);
        RecoveryOrder order = world.order(world.plan(new RecoveryTarget.Latest(), Placement.IN_PLACE));
        world.live().stopServer(order);
        world.live().saveWal(order);

        StepOutcome restored = world.copy().restoreBaseBackup(order, CopyWorld.NOBODY);
        recoverCopy(order);
        StepOutcome swapped = world.live().swapIn(order);
        world.live().reopen(order);

        assertThat(restored.findings()).singleElement().satisfies(finding -> assertThat(finding.what())
                .contains(fast.toString()));
        assertThat(swapped.leftBehind())
                .extracting(LeftBehind::where)
                .singleElement()
                .asString()
                .startsWith(wide.toString());
        assertThat(world.server.query(ROWS)).isEqualTo(rows);
        assertThat(location("fast")).isEqualTo(fast.toString());
    }

    private static int changes;

    private static final class Death extends Error {
        private static final long serialVersionUID = 1L;
    }

    private interface Work {
        void run();
    }

    /** As far as disks are concerned, an error out of nowhere is a kill. */
    private static boolean finishes(int changesUntilDeath, Work work) {
        changes = changesUntilDeath;
        try {
            work.run();
            return true;
        } catch (Death e) {
            return false;
        }
    }

    /** Every change asks first whether it may be made; this one answers once too often. */
    private static Leases dyingAfter(RecoveryOrder order) {
        return new Leases() {
            private @Nullable String last;
            private int seen;

            @Override
            public void check(Fence fence) {
                String now = places(order);
                if (last != null && !last.equals(now) && ++seen >= changes) {
                    throw new Death();
                }
                last = now;
            }
        };
    }

    /** Where everything is that a swap moves or turns. */
    private static String places(RecoveryOrder order) {
        try {
            StringBuilder text = new StringBuilder();
            Path live = world.server.dataDirectory();
            Path copy = Path.of(order.plan().directories().copy());
            List<Path> beside = list(live.resolveSibling(""));
            for (Path each : beside) {
                text.append(each).append(' ');
                if (Files.isDirectory(each)) {
                    text.append(CopyTablespaces.links(each));
                }
                text.append('\n');
            }
            text.append(Files.exists(copy)).append(CopyTablespaces.links(copy)).append('\n');
            for (Path location : list(world.folder.resolve("disks"))) {
                try (var inside = Files.walk(location, 3)) {
                    inside.filter(path -> String.valueOf(path.getFileName()).startsWith("PG_"))
                            .sorted()
                            .forEach(path -> text.append(path).append('\n'));
                }
            }
            return text.toString();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (var inside = Files.list(folder)) {
            return inside.sorted().toList();
        }
    }

    private static void recoverCopy(RecoveryOrder order) throws Exception {
        world.copy().replayWal(order, CopyWorld.NOBODY);
        world.copy().makeDurable(order, CopyWorld.NOBODY);
        // As the archiver will once it is open; the reopening waits for it.
        WalArchive archive = new WalArchive(world.store, "main", order.plan().systemId());
        for (Path file : list(Path.of(order.plan().directories().copy()).resolve("pg_wal"))) {
            if (file.toString().endsWith(".history") && order.plan().placement() == Placement.IN_PLACE) {
                archive.store(String.valueOf(file.getFileName()), file);
            }
        }
    }

    private static Map<Path, Map<String, String>> digests() throws IOException {
        Map<Path, Map<String, String>> digests = new HashMap<>();
        for (Path location : list(world.folder.resolve("disks"))) {
            digests.put(location, world.digests(location));
        }
        return digests;
    }

    private static @Nullable String location(String name) {
        return world.server.query(
                "select pg_tablespace_location(oid) from pg_tablespace where spcname = '" + name + "'");
    }

    private static String askAt(int port, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/" + world.server.database(),
                        world.server.user(),
                        world.server.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    private static String versionFolder(Path location) throws IOException {
        try (var inside = Files.list(location)) {
            return inside.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("PG_"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
