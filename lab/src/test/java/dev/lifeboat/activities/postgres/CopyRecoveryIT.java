package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.ProvenPoint;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From a base backup and WAL in a bucket to a copy that may be accepted, on real servers. */
class CopyRecoveryIT {

    @SuppressWarnings("NullAway.Init")
    private CopyWorld world;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    void backUp() throws IOException {
        folder = Files.createTempDirectory("lifeboat-copy");
        Files.setPosixFilePermissions(folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        world = CopyWorld.in(folder);
        world.ordersUpTo(100);
        world.takeBaseBackup();
        world.ordersUpTo(200);
    }

    @AfterEach
    void end() throws IOException {
        world.close();
        FileTrees.delete(folder);
    }

    @Test
    void aRestorePointIsReachedAndTheCopyCanBeAccepted() throws Exception {
        boolean icu = !"0".equals(world.server.query("select count(*) from pg_collation where collname = 'en-x-icu'"));
        if (icu) {
            world.server.execute(
                    "create collation old_rules (provider = icu, locale = 'en')",
                    "update pg_collation set collversion = '1' where collname = 'old_rules'");
        } else {
            System.out.println(
                    "CopyRecoveryIT: this server was built without ICU; collations of another version were not tried");
        }
        Lsn point = Lsn.parse(String.valueOf(world.server.query("select pg_create_restore_point('before_release')")));
        world.ordersUpTo(300);
        world.archiveAll();
        RecoveryOrder order =
                world.order(new RecoveryTarget.AtRestorePoint("before_release"), point, Placement.IN_PLACE);

        world.steps.restoreBaseBackup(order, CopyWorld.NOBODY);
        world.steps.configureRecovery(order, CopyWorld.NOBODY);
        world.steps.replayWal(order, CopyWorld.NOBODY);
        ProvenPoint proven = world.steps.proveRecoveryPoint(order, CopyWorld.NOBODY);
        StepOutcome tested = world.steps.smokeTestCopy(order, CopyWorld.NOBODY);
        String orders = world.ask(order, "select count(*) from orders");
        world.steps.makeDurable(order, CopyWorld.NOBODY);

        assertThat(proven.point().lsn()).isEqualTo(point);
        assertThat(proven.point().timeline()).isEqualTo(2);
        assertThat(tested.checks()).isNotEmpty().allMatch(check -> check.verdict() == Verdict.PASS);
        assertThat(tested.findings()).hasSize(icu ? 1 : 0).allSatisfy(finding -> assertThat(finding.what())
                .contains("sorts text by other rules", "collation old_rules of " + world.server.database()));
        assertThat(orders).isEqualTo("200");
        assertThat(new CopyServer(world.config(), world.workspace(order)).find())
                .isEmpty();
        assertThat(world.workspace(order).copy().resolve("recovery.signal")).doesNotExist();
        assertThat(world.archivedByAnyServer()).noneMatch(name -> name.startsWith("00000002"));
    }

    /** Until then it ran without fsync; what a power cut took would be missed only later. */
    @Test
    void aCopyIsWrittenToTheDiskBeforeItMayBeAccepted() throws Exception {
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.IN_PLACE);
        Path called = world.workspace(order).note("initdb-called");
        Path initdb = Files.writeString(
                folder.resolve("initdb"),
                """
                #!/bin/sh
                echo "$*" >>%s
                exec %s "$@"
                """
                        .formatted(called, world.server.binDirectory().resolve("initdb")));
        world.steps.replayWal(order, CopyWorld.NOBODY);

        world.stepsWith("initdb", initdb).makeDurable(order, CopyWorld.NOBODY);
        world.stepsWith("initdb", initdb).makeDurable(order, CopyWorld.NOBODY);

        assertThat(called).hasContent("--sync-only -D " + world.workspace(order).copy());
    }

    @Test
    void aDrillLeavesNothingBehind() throws Exception {
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);

        StepOutcome restored = world.steps.restoreBaseBackup(order, CopyWorld.NOBODY);
        world.steps.replayWal(order, CopyWorld.NOBODY);
        ProvenPoint proven = world.steps.proveRecoveryPoint(order, CopyWorld.NOBODY);
        String orders = world.ask(order, "select count(*) from orders");
        world.steps.removeCopy(order);

        assertThat(restored.checks()).singleElement().satisfies(check -> {
            assertThat(check.name()).isEqualTo("pg_verifybackup");
            assertThat(check.verdict()).isEqualTo(Verdict.PASS);
        });
        assertThat(orders).isEqualTo("200");
        assertThat(proven.point().timeline()).isEqualTo(2);
        assertThat(world.workspace(order).root()).doesNotExist();
        assertThat(world.server.query("select count(*) from orders")).isEqualTo("200");
    }

    /** With its WAL at hand such a cluster starts, takes connections, and is corrupt. */
    @Test
    void aCopyThatDidNotBeginAtTheLabelOfItsBackupIsNotProved() throws Exception {
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        world.steps.restoreBaseBackup(order, CopyWorld.NOBODY);
        Path copy = world.workspace(order).copy();
        Files.delete(copy.resolve("backup_label"));
        for (String name : Objects.requireNonNull(world.archive().names().get(1))) {
            Path segment = copy.resolve("pg_wal").resolve(name);
            world.archive().fetch(name, segment);
            world.workspace(order).user().own(segment);
        }

        world.steps.replayWal(order, CopyWorld.NOBODY);

        assertThatThrownBy(() -> world.steps.proveRecoveryPoint(order, CopyWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.RECOVERY_POINT_WRONG))
                .hasMessageContaining("backup_label");
    }

    @Test
    void theNewestOfTwoRestorePointsOfOneNameIsReached() throws Exception {
        world.server.query("select pg_create_restore_point('release')");
        world.ordersUpTo(250);
        Lsn newest = Lsn.parse(String.valueOf(world.server.query("select pg_create_restore_point('release')")));
        world.ordersUpTo(300);
        world.archiveAll();
        RecoveryOrder byPosition =
                CopyWorld.exclusive(world.order(new RecoveryTarget.AtLsn(newest), newest, Placement.DRILL));

        world.steps.replayWal(byPosition, CopyWorld.NOBODY);
        ProvenPoint proven = world.steps.proveRecoveryPoint(byPosition, CopyWorld.NOBODY);

        assertThat(proven.point().lsn()).isEqualTo(newest);
        assertThat(world.ask(byPosition, "select count(*) from orders")).isEqualTo("250");
    }

    @Test
    void aMissingSegmentStopsTheRecoveryAndNeverPromotesIt() throws Exception {
        for (int i = 1; i < 6; i++) {
            world.ordersUpTo(200 + i);
            world.archiveAll();
        }
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        String hole = new NeededWal(order.plan(), world.backup().walSegmentSize())
                .nameOf(world.backup()
                                .walSegmentSize()
                                .parse(world.lastArchived())
                                .number()
                        - 2);
        world.store.delete(world.archive().key(hole));
        world.loseElsewhere(hole);

        assertThatThrownBy(() -> world.steps.replayWal(order, CopyWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.WAL_GAP);
                    assertThat(failure).hasMessageContaining(hole);
                });

        assertThat(world.workspace(order).has("promoted")).isFalse();
        assertThat(world.workspace(order).copy().resolve("recovery.signal")).exists();
        assertThat(new CopyServer(world.config(), world.workspace(order)).find())
                .isEmpty();
    }

    /**
     * The backup carries an old recovery's target, an old primary and the signal of a standby; after it the primary's
     * limits were raised, and more transactions were prepared than the backup's settings allow.
     */
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void whatTheBackupCarriesIsNotFollowedAndLimitsThatWereRaisedSinceAre() throws Exception {
        world.server.execute(
                "alter system set recovery_target_name = 'of another recovery'",
                "alter system set primary_conninfo = 'host=127.0.0.1 port=1'",
                "alter system set recovery_min_apply_delay = '1h'");
        Path signal = world.server.dataDirectory().resolve("standby.signal");
        Files.createFile(signal);
        new ServerUser(world.config().runAs()).own(signal);
        world.takeBaseBackup();
        Files.delete(signal);
        world.server.execute(
                "alter system reset recovery_target_name",
                "alter system set max_prepared_transactions = 90",
                "alter system set max_connections = 70",
                "alter system set max_locks_per_transaction = 90");
        world.server.restart();
        for (int i = 0; i < 70; i++) {
            world.server.execute(
                    "begin",
                    "insert into orders (id) values (%d)".formatted(1000 + i),
                    "prepare transaction 'p%d'".formatted(i));
        }
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.IN_PLACE);

        world.steps.replayWal(order, CopyWorld.NOBODY);
        ProvenPoint proven = world.steps.proveRecoveryPoint(order, CopyWorld.NOBODY);

        assertThat(world.ask(order, "select count(*) from pg_prepared_xacts")).isEqualTo("70");
        assertThat(world.ask(order, "show max_prepared_transactions")).isEqualTo("90");
        assertThat(world.ask(order, "show max_connections")).isEqualTo("70");
        assertThat(world.ask(order, "select count(*) from orders")).isEqualTo("200");
        assertThat(proven.outcome().checks()).extracting(Check::name).contains("recovery began at the backup's label");
        assertThat(world.workspace(order).copy().resolve("standby.signal")).doesNotExist();
    }

    /** PostgreSQL would take its first page for the end of WAL, and promote there. */
    @Test
    void aSegmentOfAnotherClusterIsNotReplayed() throws Exception {
        for (int i = 1; i < 4; i++) {
            world.ordersUpTo(200 + i);
            world.archiveAll();
        }
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        byte[] bytes = world.archive().read(world.lastArchived()).orElseThrow();
        bytes[24] ^= 1;
        world.store.put(world.archive().key(world.lastArchived()), Zstandard.compress(bytes));
        world.loseElsewhere(world.lastArchived());

        assertThatThrownBy(() -> world.steps.replayWal(order, CopyWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.WRONG_SYSTEM_ID))
                .hasMessageContaining(world.lastArchived());

        assertThat(world.workspace(order).has("promoted")).isFalse();
    }

    @Test
    void aTimeIsReachedToTheTransaction() throws Exception {
        RecoveryTarget target = new RecoveryTarget.AtTime(now());
        world.ordersUpTo(300);
        world.archiveAll();
        RecoveryOrder order = world.located(target, Placement.DRILL);

        recover(order);

        assertThat(world.ask(order, "select max(id) from orders")).isEqualTo("200");
    }

    @Test
    void aTransactionIdIsReachedIncludingThatTransaction() throws Exception {
        world.server.execute("insert into orders (id) values (201)");
        long xid = Long.parseLong(String.valueOf(world.server.query("select xmin from orders where id = 201")));
        world.ordersUpTo(300);
        world.archiveAll();
        RecoveryOrder order = world.located(new RecoveryTarget.AtXid(xid), Placement.DRILL);

        recover(order);

        assertThat(world.ask(order, "select max(id) from orders")).isEqualTo("201");
    }

    @Test
    void aPositionIsReached() throws Exception {
        Lsn here = Lsn.parse(String.valueOf(world.server.query("select pg_current_wal_insert_lsn()")));
        world.ordersUpTo(300);
        world.archiveAll();
        RecoveryOrder order = world.located(new RecoveryTarget.AtLsn(here), Placement.DRILL);

        recover(order);

        assertThat(Integer.parseInt(world.ask(order, "select max(id) from orders")))
                .isBetween(200, 201);
    }

    @Test
    void theBackupAloneIsRecoveredToItsFirstWholeState() throws Exception {
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Immediate(), null, Placement.DRILL);

        ProvenPoint proven = recover(order);

        assertThat(world.ask(order, "select max(id) from orders")).isEqualTo("100");
        assertThat(proven.point().lsn())
                .isLessThanOrEqualTo(world.backup().endLsn().plus(4096));
    }

    @Test
    void theUnfinishedSegmentOfADeadServerIsReplayedToItsEnd() throws Exception {
        world.archiveAll();
        RecoveryOrder archived = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        world.ordersUpTo(250);
        String unfinished = String.valueOf(world.server.query("select pg_walfile_name(pg_current_wal_lsn())"));
        world.server.kill();
        RecoveryOrder order = world.lastSegment(archived, unfinished);
        RecoveryWorkspace workspace = world.workspace(order);
        workspace.claim(order.fence()).close();
        Files.copy(
                world.server.dataDirectory().resolve("pg_wal").resolve(unfinished),
                workspace.salvaged().resolve(unfinished));

        recover(order);

        assertThat(world.ask(order, "select max(id) from orders")).isEqualTo("250");
        assertThat(world.archive().has(unfinished)).isFalse();
    }

    @Test
    void whatALiveClusterWritesAfterTheReplayBeganIsNotMissedInADrill() throws Exception {
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        world.steps.replayWal(order, CopyWorld.NOBODY);
        world.ordersUpTo(300);
        world.archiveAll();

        ProvenPoint proven = world.steps.proveRecoveryPoint(order, CopyWorld.NOBODY);

        assertThat(proven.outcome().checks()).allMatch(check -> check.verdict() == Verdict.PASS);
        assertThat(world.ask(order, "select max(id) from orders")).isEqualTo("200");
    }

    @Test
    void aServerThatIsKilledInReplayIsStartedAgainAndGetsThere() throws Exception {
        for (int i = 1; i <= 4; i++) {
            world.ordersUpTo(200 + i);
            world.archiveAll();
        }
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        String held = configuredWithoutItsLastSegment(order);
        AtomicReference<RecoveryFailure> first = new AtomicReference<>();
        Thread attempt = new Thread(() -> {
            try {
                world.steps.replayWal(order, CopyWorld.NOBODY);
            } catch (RecoveryFailure e) {
                first.set(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        attempt.start();
        CopyServer server = new CopyServer(world.config(), world.workspace(order));
        awaitReplay(server, order);

        server.find().orElseThrow().handle().destroyForcibly();
        world.gates.release(held);
        attempt.join(180_000);
        recover(order);

        assertThat(first.get()).isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                .isEqualTo(FailureCode.SERVER_DIED_IN_REPLAY));
        assertThat(world.ask(order, "select max(id) from orders")).isEqualTo("204");
    }

    /** The signal is gone, the checkpoint is not there: started as it lies there, a server runs past the target. */
    @Test
    void aServerThatDiedWhileItPromotedStopsAtTheTargetAllTheSame() throws Exception {
        world.ordersUpTo(203);
        world.server.query("select pg_create_restore_point('here')");
        world.ordersUpTo(205);
        world.archiveAll();
        RecoveryOrder order = world.located(new RecoveryTarget.AtRestorePoint("here"), Placement.DRILL);
        String held = configuredWithoutItsLastSegment(order);
        CopyServer server = new CopyServer(world.config(), world.workspace(order));
        FutureTask<StepOutcome> attempt = new FutureTask<>(() -> world.steps.replayWal(order, CopyWorld.NOBODY));
        new Thread(attempt).start();
        awaitReplay(server, order);
        pauseCheckpointer(world.workspace(order).copy());
        world.gates.release(held);
        Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> ReplayLog.parse(server.logLines())
                .complete());

        CopyProcess.endAny(world.workspace(order).copy());

        assertThatThrownBy(() -> attempt.get(180, TimeUnit.SECONDS)).hasCauseInstanceOf(RecoveryFailure.class);
        assertThat(new CopyPromotion(world.config(), order.plan(), world.workspace(order)))
                .matches(CopyPromotion::signalIsGone)
                .matches(promotion -> !promotion.isDone());
        ProvenPoint proven = recover(order);
        assertThat(world.ask(order, "select max(id) from orders")).isEqualTo("203");
        assertThat(world.ask(order, "select timeline_id from pg_control_checkpoint()"))
                .isEqualTo("2");
        assertThat(proven.outcome().checks()).allMatch(check -> check.verdict() == Verdict.PASS);
    }

    @Test
    void aServerWhoseWorkerDiedIsFoundAndFedByTheNextOne() throws Exception {
        for (int i = 1; i <= 4; i++) {
            world.ordersUpTo(200 + i);
            world.archiveAll();
        }
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        String held = configuredWithoutItsLastSegment(order);
        CopyServer server = new CopyServer(world.config(), world.workspace(order));
        Watch dying = new Watch() {
            @Override
            public void progress(Progress now) {}

            @Override
            public void check() {
                if (CopyProcess.status(world.workspace(order).copy()).equals("standby")) {
                    world.gates.release(held);
                    throw new IllegalStateException("this worker is gone");
                }
            }
        };
        assertThatThrownBy(() -> world.steps.replayWal(order, dying)).hasMessage("this worker is gone");
        long pid = server.find().orElseThrow().handle().pid();

        recover(order);

        assertThat(server.find().orElseThrow().handle().pid()).isEqualTo(pid);
        assertThat(server.logs()).hasSize(1);
        assertThat(world.ask(order, "select max(id) from orders")).isEqualTo("204");
    }

    @Test
    void aBucketThatIsAwayIsWaitedFor() throws Exception {
        for (int i = 1; i <= 3; i++) {
            world.ordersUpTo(200 + i);
            world.archiveAll();
        }
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        world.steps.configureRecovery(order, CopyWorld.NOBODY);
        List<String> seen = new CopyOnWriteArrayList<>();
        Watch watch = new Watch() {
            @Override
            public void progress(Progress now) {
                seen.add(now.what());
                if (now.what().contains("waiting")) {
                    world.s3.start();
                }
            }

            @Override
            public void check() {}
        };

        world.s3.stop();
        world.steps.replayWal(order, watch);

        assertThat(seen).contains("waiting for the object store");
        assertThat(world.ask(order, "select max(id) from orders")).isEqualTo("203");
    }

    @Test
    void aFlippedBitInAChunkIsNamedWithTheFilesThatItHurts() throws Exception {
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        Chunk chunk = world.backup().allChunks().get(1);
        String key = new BaseBackupCatalog(world.store, "main").chunkKey(world.backup(), chunk);
        world.flipBit(key);
        world.forgetVersions(key);

        assertThatThrownBy(() -> world.steps.restoreBaseBackup(order, CopyWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.BACKUP_DAMAGED);
                    assertThat(failure)
                            .hasMessageContaining("000002.tar.zst")
                            .hasMessageContaining(chunk.files().get(0));
                });

        assertThat(world.workspace(order).copy().resolve("global/pg_control")).doesNotExist();
    }

    /** One was overwritten and one removed; the bucket keeps what they were. */
    @Test
    void chunksThatAreDamagedAreTakenFromTheVersionThatTheManifestMeans() throws Exception {
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        BaseBackupCatalog catalog = new BaseBackupCatalog(world.store, "main");
        List<Chunk> chunks = world.backup().allChunks();
        String flipped = catalog.chunkKey(world.backup(), chunks.get(1));
        String removed = catalog.chunkKey(world.backup(), chunks.get(chunks.size() - 1));
        world.flipBit(flipped);
        world.flipBit(flipped);
        world.flipBit(flipped);
        world.store.delete(removed);

        StepOutcome restored = world.steps.restoreBaseBackup(order, CopyWorld.NOBODY);

        assertThat(restored.checks()).isNotEmpty().allMatch(check -> check.verdict() == Verdict.PASS);
        assertThat(restored.findings())
                .hasSize(2)
                .anySatisfy(finding -> assertThat(finding.what()).contains(flipped, "in its version ", "SHA-256"))
                .anySatisfy(finding ->
                        assertThat(finding.what()).contains(removed, "in its version ", "is not in the bucket"));
    }

    @Test
    void aRestoreThatWasBrokenOffGoesOnAtTheFirstChunkThatIsMissing() throws Exception {
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        Chunk second = world.backup().allChunks().get(1);
        String key = new BaseBackupCatalog(world.store, "main").chunkKey(world.backup(), second);
        byte[] whole = world.store.readAll(key);
        world.store.delete(key);
        world.forgetVersions(key);
        assertThatThrownBy(() -> world.steps.restoreBaseBackup(order, CopyWorld.NOBODY))
                .isInstanceOf(RecoveryFailure.class);

        world.store.put(key, whole);
        StepOutcome resumed = world.steps.restoreBaseBackup(order, CopyWorld.NOBODY);

        assertThat(resumed.detail()).doesNotStartWith(world.backup().allChunks().size() + " chunks");
        assertThat(resumed.checks()).allMatch(check -> check.verdict() == Verdict.PASS);
    }

    /** A child of the server has its name only after it has begun. */
    private static void pauseCheckpointer(Path copy) {
        Awaitility.await("a checkpointer that works in " + copy)
                .atMost(60, TimeUnit.SECONDS)
                .until(() -> paused(copy));
    }

    private static boolean paused(Path copy) throws IOException, InterruptedException {
        for (ProcessHandle process : ServerProcesses.of(copy)) {
            if (Files.readString(Path.of("/proc/" + process.pid() + "/cmdline")).contains("checkpointer")) {
                new ProcessBuilder("kill", "-STOP", Long.toString(process.pid()))
                        .start()
                        .waitFor();
                return true;
            }
        }
        return false;
    }

    /** The restore fetches WAL ahead, so that it may lie in the workspace already. Returns what to release. */
    private String configuredWithoutItsLastSegment(RecoveryOrder order) throws Exception {
        world.steps.configureRecovery(order, CopyWorld.NOBODY);
        String last = order.plan().lastSegment();
        world.gates.hold(world.archive().key(last));
        Files.deleteIfExists(world.workspace(order).wal().resolve(last));
        return world.archive().key(last);
    }

    private void awaitReplay(CopyServer server, RecoveryOrder order) {
        Awaitility.await()
                .atMost(120, TimeUnit.SECONDS)
                .until(() -> server.find().isPresent()
                        && CopyProcess.status(world.workspace(order).copy()).equals("standby"));
    }

    private ProvenPoint recover(RecoveryOrder order) throws InterruptedException {
        world.steps.replayWal(order, CopyWorld.NOBODY);
        return world.steps.proveRecoveryPoint(order, CopyWorld.NOBODY);
    }

    private Instant now() {
        return Instant.parse(String.valueOf(world.server.query(
                "select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")));
    }
}
