package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.lab.engine.Ports;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.SavedWal;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveState;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** The live side of a recovery together with the copy's, on a real server and a real bucket, without a workflow. */
class LiveRecoveryIT {

    private final Path folder = Folders.temporary("live-recovery");
    private CopyWorld world;
    private LabPostgres server;
    private LiveSteps live;

    @BeforeEach
    void aBackedUpCluster(TestInfo test) throws IOException {
        world = CopyWorld.in(folder, test.getDisplayName().contains("Debians"));
        server = world.server;
        live = new LiveSteps(world.config(), Map.of(), world.store, fence -> {}, Map.of(), "1@test");
        world.ordersUpTo(100);
        world.takeBaseBackup();
        world.ordersUpTo(200);
        world.archiveAll();
    }

    @AfterEach
    void end() {
        world.close();
        Folders.remove(folder);
    }

    @Test
    void theLastCommitBeforeTheStopIsInTheClusterThatIsReopened() throws Exception {
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.IN_PLACE);
        archivingFails();
        live.quiesce(order);
        live.stopServer(order);
        SavedWal saved = live.saveWal(order);
        assertThat(saved.segments()).hasSizeGreaterThan(1);
        assertThat(saved.lastSeenCommitAt()).isNotNull();

        recoverCopy(order);
        archiveHistory(order);
        live.swapIn(order);
        StepOutcome reopened = live.reopen(order);
        StepOutcome again = live.reopen(order);
        StepOutcome smoke = live.smokeTestLive(order);
        StepOutcome indexes = live.checkIndexes(order);

        assertThat(server.query("select count(*) from orders")).isEqualTo("300");
        assertThat(reopened.detail()).startsWith("started, accepts logins");
        assertThat(again.detail()).startsWith("found running");
        assertThat(smoke.checks()).extracting(Check::verdict).containsOnly(Verdict.PASS);
        if (hasAmcheck()) {
            assertThat(indexes.checks()).extracting(Check::verdict).containsExactly(Verdict.PASS);
        } else {
            System.out.println(
                    "LiveRecoveryIT: this server was built without amcheck; that it finds nothing was not seen");
            assertThat(indexes.findings()).extracting(Finding::what).allMatch(what -> what.contains("could not check"));
            assertThat(indexes.findings()).isNotEmpty();
        }
        assertThat(server.query("select count(*) from pg_extension where extname = 'amcheck'"))
                .isEqualTo("0");
        assertThat(reopened.checks()).extracting(Check::name).contains("timeline 2 is archived");
        assertThat(reopened.findings()).isEmpty();
        assertThat(server.query("show fsync")).isEqualTo("on");
        // Set after the base backup: it came over from the old directory.
        assertThat(server.query("show archive_command")).isEqualTo("false");
    }

    private boolean hasAmcheck() {
        return "1".equals(server.query("select count(*) from pg_available_extensions where name = 'amcheck'"));
    }

    @Test
    void preparedTransactionsThatTheBackupsSettingsHaveNoRoomForAreThereAgain() throws Exception {
        server.execute("alter system set max_prepared_transactions = 10", "alter system set work_mem = '7MB'");
        server.restart();
        for (String gid : List.of("one", "two", "three")) {
            server.execute("begin", "create table t_" + gid + " ()", "prepare transaction '" + gid + "'");
        }
        world.archiveAll();
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.IN_PLACE);
        live.quiesce(order);
        live.stopServer(order);
        live.saveWal(order);

        recoverCopy(order);
        archiveHistory(order);
        live.swapIn(order);
        StepOutcome reopened = live.reopen(order);

        assertThat(server.query("select string_agg(gid, ' ' order by gid) from pg_prepared_xacts"))
                .isEqualTo("one three two");
        assertThat(reopened.findings())
                .extracting(Finding::what)
                .anyMatch(what -> what.contains("holds 3 prepared transaction(s)") && what.contains("allow 0"))
                .anyMatch(what -> what.contains("postgresql.auto.conf came back as in the base backup"));
    }

    @Test
    void withDebiansLayoutTheAccessRulesOutsideAreClosedAndComeBack() throws Exception {
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.IN_PLACE);
        Path hba = server.root().resolve("etc/main/pg_hba.conf");
        byte[] before = Files.readAllBytes(hba);
        live.quiesce(order);
        assertThat(ClosedAccess.isClosed(Files.readAllBytes(hba))).isTrue();
        live.stopServer(order);
        live.saveWal(order);

        recoverCopy(order);
        archiveHistory(order);
        live.swapIn(order);
        StepOutcome reopened = live.reopen(order);

        assertThat(hba).hasBinaryContent(before);
        assertThat(reopened.checks()).extracting(Check::verdict).containsOnly(Verdict.PASS);
        assertThat(server.query("show data_directory"))
                .isEqualTo(server.dataDirectory().toString());
        assertThat(server.query("select timeline_id from pg_control_checkpoint()"))
                .isEqualTo("2");
    }

    @Test
    void whatWasDownBeforeIsNotStartedByTheUndo() {
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.IN_PLACE);
        server.stopFast();
        live.stopServer(order);

        assertThat(live.startServer(order).detail()).contains("left so");

        assertThat(server.isRunning()).isFalse();
    }

    @Test
    void whatAHalfGoneDirectoryStillHoldsIsSavedAndRecovered() throws Exception {
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.IN_PLACE);
        world.ordersUpTo(300);
        server.kill();
        FileTrees.delete(server.dataDirectory().resolve("base"));
        FileTrees.delete(server.dataDirectory().resolve("global"));
        Path elsewhere = server.root().resolve("wal-elsewhere");
        Files.move(server.dataDirectory().resolve("pg_wal"), elsewhere);
        Files.createSymbolicLink(server.dataDirectory().resolve("pg_wal"), elsewhere);
        assertThat(facts(Placement.IN_PLACE).live().state()).isEqualTo(LiveState.DAMAGED);

        live.quiesce(order);
        live.stopServer(order);
        live.saveWal(order);
        recoverCopy(order);
        archiveHistory(order);
        StepOutcome swapped = live.swapIn(order);
        live.reopen(order);

        assertThat(server.query("select count(*) from orders")).isEqualTo("300");
        assertThat(swapped.findings()).extracting(Finding::what).anyMatch(what -> what.contains("wal-elsewhere"));
    }

    @Test
    void aDirectoryThatIsGoneCostsWhatWasNotArchivedAndTheReportSaysSo() throws Exception {
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.IN_PLACE);
        world.ordersUpTo(300);
        server.stopImmediate();
        FileTrees.delete(server.dataDirectory());
        assertThat(facts(Placement.IN_PLACE).live().state()).isEqualTo(LiveState.GONE);

        live.quiesce(order);
        live.stopServer(order);
        SavedWal saved = live.saveWal(order);
        recoverCopy(order);
        live.swapIn(order);
        StepOutcome reopened = live.reopen(order);

        // Nobody archives in this world.
        assertThat(reopened.findings()).extracting(Finding::what).anyMatch(what -> what.contains("00000002.history"));
        assertThat(saved.outcome().findings()).extracting(Finding::severity).containsExactly("high");
        assertThat(saved.lastSeenCommitAt()).isNotNull();
        assertThat(server.query("select count(*) from orders")).isEqualTo("200");
    }

    @Test
    void aCopyBesideIsOpenedOnItsPortAndStartsAgainWithPgCtlAlone() throws Exception {
        int port = Ports.free();
        RecoveryOrder order = beside(world.order(new RecoveryTarget.Latest(), null, Placement.INTO), port);
        Path copy = Path.of(order.plan().directories().copy());
        recoverCopy(order);

        StepOutcome opened = live.reopen(order);
        assertThat(live.reopen(order).detail()).startsWith("found running");
        assertThat(opened.checks()).extracting(Check::verdict).containsOnly(Verdict.PASS);
        assertThat(live.smokeTestLive(order).checks())
                .extracting(Check::verdict)
                .containsOnly(Verdict.PASS);
        pgCtl(copy, "restart", "-w", "-l", server.log().toString());

        assertThat(askAt(port, "select count(*) from orders")).isEqualTo("200");
        assertThat(askAt(port, "show data_directory")).isEqualTo(copy.toString());
        assertThat(askAt(port, "show archive_mode")).isEqualTo("off");
        assertThat(server.query("show archive_mode")).isEqualTo("on");
        pgCtl(copy, "stop", "-m", "fast");
    }

    @Test
    void aDrillCopiesTheLastWalAndSendsNothingToTheBucket() {
        RecoveryOrder order = world.order(new RecoveryTarget.Latest(), null, Placement.DRILL);
        world.ordersUpTo(300);
        var before = world.archive().names();

        SavedWal saved = live.saveWal(order);

        assertThat(world.archive().names()).isEqualTo(before);
        assertThat(saved.segments()).isNotEmpty().allSatisfy(name -> assertThat(
                        world.workspace(order).salvaged().resolve(name))
                .exists());
        assertThat(server.query("select count(*) from orders")).isEqualTo("300");
    }

    @Test
    void factsAreReadWithoutMakingAnything() throws IOException {
        RecoveryFacts facts = facts(Placement.IN_PLACE);

        assertThat(facts.systemId()).isEqualTo(world.backup().systemId());
        assertThat(facts.live().state()).isEqualTo(LiveState.RUNNING);
        assertThat(facts.obstacles()).isEmpty();
        assertThat(facts.backups()).hasSize(1);
        assertThat(facts.space().free()).isPositive();
        assertThat(facts.space().dataDirectory()).isPositive();
        assertThat(LifeboatFolder.of(world.config()).root()).doesNotExist();
        assertThat(facts(Placement.DRILL).obstacles()).isEmpty();
    }

    @Test
    void programsOfAnotherMajorVersionThanTheBackupsAreAnObstacle() throws IOException {
        Path bin = Files.createDirectory(server.root().resolve("bin"));
        for (String program : List.of("pg_ctl", "pg_controldata", "psql", "initdb")) {
            Files.createSymbolicLink(bin.resolve(program), server.binDirectory().resolve(program));
        }
        Path postgres = Files.writeString(bin.resolve("postgres"), "#!/bin/sh\necho 'postgres (PostgreSQL) 31.2'\n");
        Files.setPosixFilePermissions(postgres, PosixFilePermissions.fromString("rwxr-xr-x"));
        PostgresCluster c = world.config();
        PostgresCluster upgraded = new PostgresCluster(
                c.name(),
                c.dataDirectory(),
                bin,
                c.configFile(),
                c.runAs(),
                c.host(),
                c.port(),
                c.user(),
                c.password(),
                c.database(),
                c.databases(),
                c.start(),
                c.stop(),
                c.smokeTests(),
                c.objectives(),
                c.markerInterval());
        LiveSteps steps = new LiveSteps(upgraded, Map.of(), world.store, fence -> {}, Map.of(), "1@test");

        assertThat(steps.gatherFacts(new FactsQuery(
                                "main", new RecoveryTarget.Latest(), false, null, Placement.DRILL, null, 0))
                        .obstacles())
                .singleElement()
                .asString()
                .startsWith("CLUSTER_NOT_READY: the base backups are of PostgreSQL "
                        + world.backup().serverVersion() / 10_000)
                .contains("31.2");
    }

    @Test
    void whatStandsInTheWayOfACopyBesideIsNamed() throws IOException {
        Path full = Files.createDirectory(server.root().resolve("full"));
        Files.writeString(full.resolve("something"), "");

        assertThat(into(full, server.port()).obstacles())
                .anyMatch(obstacle -> obstacle.startsWith("DIRECTORY_NOT_EMPTY: " + full))
                .anyMatch(obstacle -> obstacle.startsWith("PORT_TAKEN: "));
        assertThat(into(server.dataDirectory().resolve("inside"), 1).obstacles())
                .anyMatch(obstacle -> obstacle.contains("lie in each other"));
        assertThat(into(server.root().resolve("no/parent"), 1).obstacles())
                .anyMatch(obstacle -> obstacle.contains("does not exist"));
    }

    /** WAL stays in {@code pg_wal}, as it does while the bucket is away. */
    private void archivingFails() {
        server.execute("alter system set archive_command = 'false'", "select pg_reload_conf()");
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> "false"
                .equals(server.query("show archive_command")));
        world.ordersUpTo(300);
    }

    private void archiveHistory(RecoveryOrder order) {
        String history = "00000002.history";
        Path wal = Path.of(order.plan().directories().copy()).resolve("pg_wal");
        world.archive().store(history, wal.resolve(history));
    }

    private static RecoveryOrder beside(RecoveryOrder order, int port) {
        RecoveryPlan p = order.plan();
        String copy = Path.of(p.directories().live()).resolveSibling("beside").toString();
        RecoveryPlan plan = new RecoveryPlan(
                p.cluster(),
                p.systemId(),
                p.placement(),
                p.target(),
                p.exclusive(),
                p.backup(),
                p.timeline(),
                p.path(),
                p.stopLsn(),
                p.lastCommitAt(),
                p.nextCommitAt(),
                p.firstSegment(),
                p.lastSegment(),
                p.segments(),
                p.lastArchivedCommitAt(),
                new Directories(p.directories().live(), copy, copy + ".lifeboat", port),
                p.writers(),
                p.digest());
        return new RecoveryOrder(plan, order.fence());
    }

    private void pgCtl(Path directory, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(server.binDirectory().resolve("pg_ctl").toString(), "-D", directory.toString()));
        command.addAll(List.of(arguments));
        Commands.require(new ServerUser(server.config().runAs()), command, Map.of(), Duration.ofSeconds(60));
    }

    private String askAt(int port, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/" + server.database(),
                        server.user(),
                        server.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private void recoverCopy(RecoveryOrder order) throws InterruptedException {
        world.steps.replayWal(order, CopyWorld.NOBODY);
        world.steps.makeDurable(order, CopyWorld.NOBODY);
    }

    private RecoveryFacts facts(Placement placement) {
        return live.gatherFacts(new FactsQuery("main", new RecoveryTarget.Latest(), false, null, placement, null, 0));
    }

    private RecoveryFacts into(Path directory, int port) {
        return live.gatherFacts(new FactsQuery(
                "main", new RecoveryTarget.Latest(), false, null, Placement.INTO, directory.toString(), port));
    }
}
