package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.config.LifeboatConfig.SmokeTest;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.SeenToFail;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Cleanup;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.CleanupOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.CheckedDatabase;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.LoadedDump;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.ProofOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.ProvenChecks;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.VerificationOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationInput;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A dump in a throw-away server: how that is made, found again and removed, and what each check sees of each damage. */
@Tag("any-engine")
class RestoreVerificationStepsIT {

    private static final String DUMP = "shop_2026-08-22_020000";
    private static final SmokeTest ORDERS =
            new SmokeTest("orders are there", "select count(*) from orders, setting", 1L, null);
    private static final SmokeTest NONE_FREE =
            new SmokeTest("no order is free", "select count(*) from orders where cents = 0", null, "0");

    private static final String LOCALE =
            "select concat_ws(' ', datcollate, datctype, coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),"
                    + " to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticurules')"
                    + " from pg_database d where datname = 'shop'";

    private static BackupWorld world;
    private static DumpManifest manifest;
    private static Path tablespace;

    private int fence = 1;

    @BeforeAll
    static void aDatabaseWithEverythingThatIsCompared() throws Exception {
        world = BackupWorld.start("");
        List<String> locales = RestoreWorld.locales(world.server);
        try (Connection connection = DriverManager.getConnection(
                        world.server.jdbcUrl("postgres"), world.server.user(), world.server.password());
                Statement statement = connection.createStatement()) {
            statement.execute("drop database shop");
            statement.execute(
                    "create database shop template template0 encoding 'UTF8' " + locales.get(locales.size() - 1));
        }
        tablespace = Files.createDirectory(world.server.root().resolve("fast"));
        new ServerUser(world.server.config().runAs()).own(tablespace);
        world.server.execute(
                "create tablespace fast location '" + tablespace + "'",
                "create role app login",
                "create role \"odd ' name\"",
                "grant app to \"odd ' name\"",
                "create extension hstore",
                "create schema app authorization app",
                "create table orders (id bigint generated always as identity primary key, cents int, tags hstore)",
                "insert into orders (cents, tags) select n, 'a=>1' from generate_series(1, 20000) n",
                "create table app.setting as select 1 as n",
                "alter database shop set search_path = app, public",
                "create table app.item (id serial primary key, order_id bigint references orders) tablespace fast",
                "insert into app.item (order_id) select n from generate_series(1, 500) n",
                "alter table app.item owner to app",
                "create table alembic_version (version_num varchar(32) not null)",
                "insert into alembic_version values ('7f3a')",
                "select lo_from_bytea(0, 'a picture')",
                "create schema lifeboat",
                "create table lifeboat.marker (only_row boolean primary key default true, at timestamptz not null)",
                "insert into lifeboat.marker (at) values ('2026-08-22T01:59:30Z')",
                "analyze",
                // As somebody does in his trouble; the copy is damaged on purpose, and must let itself be.
                "alter database shop set default_transaction_read_only = on");
        manifest = DumpInBucket.take(world.server, access(), DUMP);
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        world.store.list(BucketLayout.dumpDoubts("main", DUMP)).forEach(each -> world.store.delete(each.key()));
        steps().removeServer(order());
        catalog().cleanup(new CleanupOrder("main", true));
        assertThat(workspace()).doesNotExist();
    }

    @Test
    void aDumpIsRestoredIntoAServerThatListensOnNoNetworkAndIsGreen() throws Exception {
        StepOutcome started = steps().startServer(order(), BackupWorld.NOBODY);
        long server = postmaster();

        assertThat(listening(server)).isEmpty();
        assertThat(Files.getPosixFilePermissions(socketFolder()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(started.detail()).contains("made and started");
        if (NetworkIsolation.possible(access().user()).isNone()) {
            System.out.println("RestoreVerificationStepsIT: this host lets nobody take a network away; not looked at");
        } else {
            assertThat(target(Path.of("/proc/" + server + "/ns/net")))
                    .isNotEqualTo(target(Path.of("/proc/self/ns/net")));
        }

        StepOutcome globals = steps().restoreGlobals(order(), BackupWorld.NOBODY);
        LoadedDump loaded = steps().loadDump(order(), BackupWorld.NOBODY);
        CheckedDatabase checked = steps().checkDatabase(order(), BackupWorld.NOBODY);

        assertThat(globals.findings()).isEmpty();
        assertThat(loaded.loaded()).as(loaded.toString()).isTrue();
        assertGreen(loaded.outcome().checks(), "archive is whole", "dump can be restored", "restore took time");
        assertGreen(
                checked.outcome().checks(),
                "tables",
                "exact row counts",
                "extensions",
                "sequences",
                "schema revision",
                "large objects",
                "orders are there",
                "no order is free",
                ProductionComparison.CHECK);
        assertThat(access().dumps().doubts()).isEmpty();
        assertThat(checked.newestMarker()).isEqualTo(Instant.parse("2026-08-22T01:59:30Z"));
        assertThat(inCopy(LOCALE)).isEqualTo(world.server.query(LOCALE));
        // Neither the live cluster's tablespace nor its roles were touched.
        try (Stream<Path> inside = Files.list(tablespace)) {
            assertThat(inside).hasSize(1);
        }
        assertThat(world.server.query("select count(*)::text from orders")).isEqualTo("20000");

        assertThat(steps().loadDump(order(), BackupWorld.NOBODY).outcome().detail())
                .contains("restored before");
        assertThat(postmaster()).isEqualTo(server);
        Path socket = socketFolder();
        assertThat(steps().removeServer(order()).detail()).contains("removed");
        assertThat(socket).doesNotExist();
        awaitEnd(server);
    }

    @Test
    void eachDamageTurnsItsCheckRedAndIsGoneAfterwards() throws Exception {
        ProvenChecks proven = steps().proveChecks(order(), BackupWorld.NOBODY);

        assertThat(proven.outcome().checks())
                .as(proven.outcome().checks().toString())
                .allMatch(check -> check.verdict() == Verdict.PASS)
                .extracting(check -> check.name().substring(1, check.name().indexOf('\'', 1)))
                .containsExactlyInAnyOrder(
                        "tables",
                        "exact row counts",
                        "extensions",
                        "sequences",
                        "schema revision",
                        "large objects",
                        "orders are there",
                        "archive is whole",
                        "archive is whole");
        // Over an emptied database no order is free: nobody saw that test fail.
        assertThat(proven.outcome().findings())
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains("no order is free");
        Map<String, SeenToFail> noted = new ChecksSeenToFail(world.store, "main").read();
        assertThat(noted)
                .containsOnlyKeys(
                        "tables",
                        "exact row counts",
                        "extensions",
                        "sequences",
                        "schema revision",
                        "large objects",
                        "orders are there",
                        "archive is whole");
        assertThat(noted.values()).allSatisfy(seen -> {
            assertThat(Duration.between(Objects.requireNonNull(seen.at()), Instant.now()))
                    .isLessThan(Duration.ofMinutes(30));
            assertThat(seen.run()).isEqualTo("restore-verification/main@run-1");
            assertThat(seen.damage()).isNotEmpty();
        });
        CheckedDatabase after = steps().checkDatabase(order(), BackupWorld.NOBODY);
        assertThat(after.outcome().checks()).noneMatch(check -> check.verdict() == Verdict.FAIL);
        assertThat(world.store.readAll(manifest.archive().key()))
                .hasSize((int) manifest.archive().storedBytes());
    }

    /** A rule keeps the row that is deleted: nothing is missing, the check is green, and that it ever fails nobody saw. */
    @Test
    void aCheckThatStaysGreenOnADamagedCopyIsToldAndNotNotedAsSeenToFail() throws Exception {
        ChecksSeenToFail book = new ChecksSeenToFail(world.store, "main");
        steps().loadDump(order(), BackupWorld.NOBODY);
        inCopy("create rule keep as on delete to app.setting do instead nothing;"
                + " alter table app.setting enable always rule keep");
        var before = Optional.ofNullable(book.read().get("exact row counts"));

        ProvenChecks proven = steps().proveChecks(order(), BackupWorld.NOBODY);

        assertThat(proven.outcome().checks())
                .filteredOn(check -> check.verdict() != Verdict.PASS)
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.verdict()).isEqualTo(Verdict.FAIL);
                    assertThat(check.name()).isEqualTo("'exact row counts' when a row of app.setting was deleted");
                    assertThat(check.observed()).startsWith("GREEN: ");
                });
        assertThat(Optional.ofNullable(book.read().get("exact row counts"))).isEqualTo(before);
    }

    @Test
    void whatAKilledAttemptLeftHalfDoneIsMadeAnew() throws Exception {
        // A data directory that was begun, and a load that was broken off in the middle.
        RecoveryWorkspace half = recoveryWorkspace();
        half.claim(order().fence()).close();
        half.write("copy-begun", "");
        Files.createDirectories(half.copy());
        Files.writeString(half.copy().resolve("PG_VERSION"), "15");

        steps().startServer(order(), BackupWorld.NOBODY);
        steps().restoreGlobals(order(), BackupWorld.NOBODY);
        interruptedWhileLoading();

        LoadedDump loaded = steps().loadDump(order(), BackupWorld.NOBODY);

        assertThat(loaded.loaded()).as(loaded.toString()).isTrue();
        assertThat(loaded.outcome().detail()).doesNotContain("restored before");
        assertThat(steps().checkDatabase(order(), BackupWorld.NOBODY).outcome().checks())
                .noneMatch(check -> check.verdict() == Verdict.FAIL);
    }

    private void interruptedWhileLoading() {
        Watch impatient = new Watch() {
            @Override
            public void progress(dev.lifeboat.workflows.contract.Progress now) {
                if (now.what().equals("loading") && now.done() > 1) {
                    throw new RecoveryFailure(FailureCode.WORKER_LOST, "killed here", "");
                }
            }

            @Override
            public void check() {}
        };
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> steps().loadDump(order(), impatient)))
                .hasMessageContaining("killed here");
    }

    @Test
    void aServerThatDiedIsStartedAgainWithWhatItHeld() throws Exception {
        steps().loadDump(order(), BackupWorld.NOBODY);
        ProcessHandle server = ProcessHandle.of(postmaster()).orElseThrow();
        server.destroyForcibly();
        server.onExit().join();

        CheckedDatabase checked = steps().checkDatabase(order(), BackupWorld.NOBODY);

        assertThat(checked.outcome().checks()).noneMatch(check -> check.verdict() == Verdict.FAIL);
        assertThat(postmaster()).isNotEqualTo(server.pid());
    }

    @Test
    void whatAnEarlierRunLeftIsClearedByTheNextOne() throws Exception {
        steps().startServer(order(), BackupWorld.NOBODY);
        long old = postmaster();
        fence = 2;

        steps().startServer(order(), BackupWorld.NOBODY);

        awaitEnd(old);
        assertThat(postmaster()).isNotEqualTo(old);
        assertThat(recoveryWorkspace().belongsTo(order().fence())).isTrue();
    }

    @Test
    void aDamagedArchiveIsAnAnswerAndNoFailure() throws Exception {
        byte[] whole = world.store.readAll(manifest.archive().key());
        byte[] damaged = whole.clone();
        damaged[damaged.length / 3] ^= 4;
        world.store.put(manifest.archive().key(), damaged);
        try {
            LoadedDump loaded = steps().loadDump(order(), BackupWorld.NOBODY);

            assertThat(loaded.loaded()).isFalse();
            assertThat(loaded.outcome().checks())
                    .filteredOn(check -> check.verdict() == Verdict.FAIL)
                    .extracting(Check::name)
                    .containsExactly("archive is whole", "dump can be restored");
            assertThat(access().dumps().doubts().values()).singleElement().satisfies(doubt -> assertThat(doubt.why())
                    .contains("archive is whole: "));
        } finally {
            world.store.put(manifest.archive().key(), whole);
        }
    }

    @Test
    void aServerThatIsKeptCanBeReachedAndGoesWhenItsDateIsOver() throws Exception {
        VerificationPlan planned = plan(true);
        VerificationPlan due = new VerificationPlan(
                planned.cluster(),
                planned.dump(),
                planned.why(),
                planned.newest(),
                planned.binDirectory(),
                planned.directories(),
                Instant.now().minusSeconds(5),
                planned.otherDatabases(),
                false);
        VerificationOrder keep = new VerificationOrder(due, new Fence("main.verification", 1, "run-1"), "run");
        steps().loadDump(keep, BackupWorld.NOBODY);

        LeftBehind left =
                steps().keepServer(keep, BackupWorld.NOBODY).leftBehind().get(0);

        String psql = left.where().substring(left.where().indexOf("psql"));
        List<String> command = new java.util.ArrayList<>(List.of(psql.split(" ")));
        command.addAll(List.of("-Atc", "select count(*) from orders"));
        assertThat(Commands.require(access().user(), command, Map.of(), Duration.ofSeconds(30)))
                .isEqualTo("20000\n");
        Cleanup cleaned = catalog().cleanup(new CleanupOrder("main", true));
        assertThat(cleaned.removed())
                .singleElement()
                .asString()
                .contains(due.directories().workspace(), DUMP);
        assertThat(Path.of(due.directories().workspace())).doesNotExist();
        assertThat(ServerProcesses.of(Path.of(due.directories().copy()))).isEmpty();
    }

    @Test
    void aProofIsNotedBesideTheManifest() {
        Instant at = Instant.parse("2026-08-22T04:00:00Z");

        steps().noteProof(new ProofOrder(order(), 12, at));
        steps().noteProof(new ProofOrder(order(), 12, at));

        assertThat(new DumpProofs(world.store, "main").provedAt(DUMP)).contains(at);
        assertThat(world.store.list("postgres/daily/main/proofs/")).hasSize(1);
    }

    private String inCopy(String sql) throws IOException {
        return Commands.require(
                        access().user(),
                        List.of(
                                world.server.binDirectory().resolve("psql").toString(),
                                "-h",
                                socketFolder().toString(),
                                "-p",
                                Integer.toString(RecoverySettings.PORT),
                                "-U",
                                ThrowawayServer.SUPERUSER,
                                "-Atc",
                                sql,
                                "shop"),
                        Map.of(),
                        Duration.ofSeconds(30))
                .strip();
    }

    @Test
    void globalsThatAreDamagedAreAnAnswerAndLeaveADoubt() throws Exception {
        String key = manifest.globals().key();
        byte[] whole = world.store.readAll(key);
        byte[] damaged = whole.clone();
        damaged[damaged.length / 2] ^= 4;
        world.store.put(key, damaged);
        try {
            StepOutcome globals = steps().restoreGlobals(order(), BackupWorld.NOBODY);

            assertThat(globals.checks()).singleElement().satisfies(check -> assertThat(check.verdict())
                    .isEqualTo(Verdict.FAIL));
            assertThat(access().dumps().doubts()).containsOnlyKeys(DUMP);
        } finally {
            world.store.put(key, whole);
        }
    }

    private static VerificationSteps steps() {
        return new VerificationSteps(access());
    }

    private static ClusterAccess access() {
        return new ClusterAccess(world.server.config(ORDERS, NONE_FREE), world.store, fence -> {}, Map.of(), "1@here");
    }

    /** Where every lease has ended. */
    private static PostgresCatalogActivitiesImpl catalog() {
        return new PostgresCatalogActivitiesImpl(new ClusterAccess(
                world.server.config(),
                world.store,
                held -> {
                    throw new RecoveryFailure(FailureCode.FENCED_OUT, "it has ended", "");
                },
                Map.of(),
                "1@here"));
    }

    private VerificationOrder order() {
        return new VerificationOrder(
                plan(false),
                new Fence("main.verification", fence, "run-" + fence),
                "restore-verification/main@run-" + fence);
    }

    private static VerificationPlan plan(boolean keep) {
        Objectives objectives = new Objectives(Duration.ofHours(2), Duration.ofHours(24));
        RestoreVerificationInput input = new RestoreVerificationInput(
                new RunRequest("ana@ops-1", "", true, false, objectives, Map.of()),
                "main",
                null,
                null,
                false,
                true,
                keep,
                objectives);
        return Objects.requireNonNull(RestoreVerificationPlan.decide(input, steps().gatherFacts("main"))
                .plan());
    }

    private RecoveryWorkspace recoveryWorkspace() {
        return new RecoveryWorkspace(order().plan().directories(), access().user());
    }

    private Path workspace() {
        return Path.of(order().plan().directories().workspace());
    }

    private Path socketFolder() throws IOException {
        return Path.of(Files.readString(workspace().resolve("socket.note")).strip());
    }

    private long postmaster() {
        return CopyProcess.find(Path.of(order().plan().directories().copy()))
                .orElseThrow()
                .handle()
                .pid();
    }

    /** A process that has ended counts until somebody reaps it. */
    private static void awaitEnd(long pid) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .isEmpty());
    }

    private static void assertGreen(List<Check> checks, String... names) {
        assertThat(checks)
                .as(checks.toString())
                .allMatch(check -> check.verdict() == Verdict.PASS)
                .extracting(Check::name)
                .containsExactly(names);
    }

    /** Lines of the kernel's tables of TCP and UDP sockets that belong to this process. */
    private static List<String> listening(long pid) throws IOException {
        Set<String> own;
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            own = descriptors
                    .map(RestoreVerificationStepsIT::target)
                    .filter(target -> target.startsWith("socket:["))
                    .map(target -> target.substring(8, target.length() - 1))
                    .collect(Collectors.toSet());
        }
        assertThat(own).as("its private socket").isNotEmpty();
        return Stream.of("tcp", "tcp6", "udp", "udp6")
                .flatMap(table -> lines(Path.of("/proc/net/" + table)))
                .filter(line -> own.contains(line.strip().split("\\s+")[9]))
                .toList();
    }

    private static Stream<String> lines(Path table) {
        try {
            return Files.readAllLines(table).stream().skip(1);
        } catch (IOException e) {
            // No IPv6 here.
            return Stream.empty();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
