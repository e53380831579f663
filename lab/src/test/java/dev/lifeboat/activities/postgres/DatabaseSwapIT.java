package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.CleanupOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

/** A restored database takes the place of the live one, or does not: there is nothing in between. */
@Tag("any-engine")
class DatabaseSwapIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static RestoreWorld world;
    private static String dump;

    private DumpRestoreOrder order;
    private String kept;
    private String live;
    private String restored;

    @BeforeAll
    static void start() throws Exception {
        world = RestoreWorld.start("max_prepared_transactions = 5\nwal_level = logical\n");
        dump = world.dump();
    }

    @AfterAll
    static void stop() throws IOException {
        world.world.close();
    }

    @BeforeEach
    void aRestoredCopyAndRowsThatItDoesNotHave() throws Exception {
        world.server().execute("insert into orders (text) values ('since the dump')");
        order = world.restore(dump, true);
        kept = String.valueOf(order.plan().kept());
        live = oid("shop");
        restored = oid(order.plan().restored());
    }

    @AfterEach
    void theLiveOneAgain() throws Exception {
        if (!live.equals(oid("shop"))) {
            new DatabaseSwap(world.access()).back(order);
        }
        RestoreWorld.databases(world.access()).drop(order);
        assertThat(oid("shop")).isEqualTo(live);
        try (Connection connection = world.connect("shop")) {
            assertThat(connection.isValid(10)).isTrue();
        }
    }

    @Test
    void theRestoredOneHasTheNameAndTheLiveOneIsKeptShut() throws Exception {
        StepOutcome outcome = new DatabaseSwap(world.access()).in(order);

        assertThat(oid("shop")).isEqualTo(restored);
        assertThat(oid(kept)).isEqualTo(live);
        assertThat(world.ask("select count(*)::text from public.orders where text = 'since the dump'"))
                .isEqualTo("0");
        assertThatThrownBy(() -> world.connect(kept)).hasMessageContaining("not currently accepting connections");
        assertThat(outcome.leftBehind()).extracting(LeftBehind::where).containsExactly(kept);
        assertThat(outcome.leftBehind().get(0).keptUntil())
                .isBetween(Instant.now().plusSeconds(6 * 86_400), Instant.now().plusSeconds(8 * 86_400));
        assertThat(RestoreWorld.checks(world.access()).smokeTestLive(order).checks())
                .extracting(Check::verdict)
                .containsOnly(Verdict.PASS);
        assertThat(new DatabaseSwap(world.access()).in(order).detail()).isEqualTo(outcome.detail());
    }

    @Test
    void whatTheLiveDatabaseGotMeanwhileIsCarriedOverToo() throws Exception {
        world.server()
                .execute("alter database shop set work_mem = '7MB'", "grant temporary on database shop to reader");

        new DatabaseSwap(world.access()).in(order);

        assertThat(world.ask("select setconfig::text from pg_db_role_setting where setrole = 0 and setdatabase = "
                        + restored))
                .contains("work_mem=7MB", "search_path=");
        assertThat(world.ask("select datacl::text from pg_database where datname = 'shop'"))
                .contains("reader=Tc/");
        new DatabaseSwap(world.access()).back(order);
        world.server().execute("alter database shop reset work_mem", "revoke temporary on database shop from reader");
    }

    /** What a kill leaves after each act: the live one shut, both shut, everything renamed and nobody told. */
    @ParameterizedTest
    @ValueSource(strings = {"noted", "live shut", "both shut", "renamed"})
    void killedAfterEachActItGoesOn(String act) throws Exception {
        leave(act);

        new DatabaseSwap(world.access()).in(order);

        assertThat(oid("shop")).isEqualTo(restored);
        assertThat(world.ask("select count(*)::text from public.orders")).isEqualTo("5000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "noted", "live shut", "both shut", "renamed"})
    void killedAfterEachActItIsUndone(String act) throws Exception {
        leave(act);

        new DatabaseSwap(world.access()).back(order);
        new DatabaseSwap(world.access()).back(order);

        assertThat(oid("shop")).isEqualTo(live);
        assertThat(oid(order.plan().restored())).isEqualTo(restored);
        assertThat(world.ask("select (count(*) > 5000)::text from public.orders"))
                .isEqualTo("true");
        assertThat(KeptDatabase.noteOf(world.access(), kept)).doesNotExist();
    }

    /** The real thing, stopped by the fence in front of the renames. */
    @Test
    void aRunThatWasFencedOutRenamesNothingAndOpensWhatItHadShut() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Leases second = fence -> {
            if (asked.incrementAndGet() > 1) {
                throw new RecoveryFailure(FailureCode.FENCED_OUT, "newer", "");
            }
        };

        assertThatThrownBy(() -> new DatabaseSwap(world.access(second)).in(order))
                .hasMessage("newer");

        assertThat(oid("shop")).isEqualTo(live);
        assertThat(world.ask("select count(*)::text from pg_database where not datallowconn and datname like 'shop%'"))
                .isEqualTo("0");
    }

    @Test
    void aSwapThatCannotBeUndoneNowLeavesTheDatabaseOpenThatPeopleWorkWith() throws Exception {
        new DatabaseSwap(world.access()).in(order);
        String taken = "\"%s\"".formatted(order.plan().restored());
        world.say("postgres", "create database " + taken);

        assertThatThrownBy(() -> new DatabaseSwap(world.access()).back(order)).hasMessageContaining("already exists");

        try (Connection connection = world.connect("shop")) {
            assertThat(connection.isValid(10)).isTrue();
        }
        assertThat(oid("shop")).isEqualTo(restored);
        world.say("postgres", "drop database " + taken);
    }

    @Test
    void nobodyEverHearsThatThereIsNoSuchDatabase() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        AtomicInteger logins = new AtomicInteger();
        Set<String> answers = ConcurrentHashMap.newKeySet();
        Thread client = new Thread(() -> {
            while (!ended.get()) {
                try (Connection connection = world.connect("shop");
                        Statement statement = connection.createStatement()) {
                    statement.execute("select pg_sleep(0.01)");
                    logins.incrementAndGet();
                } catch (PSQLException e) {
                    answers.add(words(e));
                } catch (Exception e) {
                    answers.add(e.toString());
                }
            }
        });
        client.start();
        org.awaitility.Awaitility.await().atMost(LIMIT).until(() -> logins.get() > 5);

        // One who is inside all the time is met for certain; whether one who comes and goes is, is luck.
        try (Connection inside = world.connect("shop");
                Statement statement = inside.createStatement()) {
            new DatabaseSwap(world.access()).in(order);
            answers.add(refusal(() -> statement.execute("select 1")));
        }
        new DatabaseSwap(world.access()).back(order);
        int then = logins.get();
        org.awaitility.Awaitility.await().atMost(LIMIT).until(() -> logins.get() > then + 5);
        ended.set(true);
        client.join();

        // Shut out, told to end, or just at the door when the name changed hands; never that there is none.
        assertThat(answers)
                .isSubsetOf("55000", "57P01", "08006", "3D000 It seems to have just been dropped or renamed.")
                .isNotEmpty();
    }

    private static String refusal(ThrowingCallable statement) {
        return words(assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(statement)
                .actual());
    }

    private static String words(PSQLException e) {
        var said = e.getServerErrorMessage();
        return e.getSQLState() + (said == null || said.getDetail() == null ? "" : " " + said.getDetail());
    }

    @Test
    void aDatabaseThatIsGoneIsReplacedByNameAloneAndTheUndoLeavesItGone() throws Exception {
        RestoreWorld.databases(world.access()).drop(order);
        world.server().execute("select 1");
        try (Connection connection = world.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("alter database shop rename to elsewhere");
        }
        DumpRestoreOrder gone = world.restore(dump, true);
        String made = oid(gone.plan().restored());

        new DatabaseSwap(world.access()).in(gone);
        assertThat(oid("shop")).isEqualTo(made);
        new DatabaseSwap(world.access()).back(gone);
        assertThat(oid("shop")).isEqualTo("none");

        RestoreWorld.databases(world.access()).drop(gone);
        try (Connection connection = world.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("alter database elsewhere rename to shop");
        }
    }

    @Test
    void preparedTransactionsAndForeignOwnersAreRefusedByThePlan() throws Exception {
        try (Connection connection = world.connect("shop");
                Statement statement = connection.createStatement()) {
            statement.execute("begin; insert into public.orders (text) values ('half'); prepare transaction 'half'");
            assertThatThrownBy(() -> world.order(world.access(), world.input(dump, true)))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.SWAP_IMPOSSIBLE))
                    .hasMessageContaining("1 prepared transaction,");
            statement.execute("rollback prepared 'half'");
        }
        world.server().execute("create role weak login createdb password 'weak'");
        assertThatThrownBy(() -> world.order(as("weak"), world.input(dump, true)))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.PRIVILEGE_MISSING));
        world.server().execute("drop role weak");
    }

    @Test
    void aLoginThatIsNoSuperuserRestoresAndReplacesWhatIsItsOwn() throws Exception {
        String superuser = world.server().user();
        world.server()
                .execute(
                        "create role owner login createdb password 'owner'",
                        "grant pg_signal_backend, shop_owner, reader to owner",
                        "alter database shop owner to owner",
                        "grant pg_read_all_data to owner");
        try {
            ClusterAccess weak = as("owner");
            DumpRestoreOrder foreign = world.order(weak, world.input(ordersAlone(weak), true));
            RestoreWorld.databases(weak).create(foreign);
            assertThatThrownBy(() -> RestoreWorld.load(weak).load(foreign, BackupWorld.NOBODY))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.ROLES_MISSING))
                    .hasMessageContaining(superuser);
            RestoreWorld.databases(weak).drop(foreign);
            world.server().execute("alter table public.orders owner to owner");
            DumpRestoreOrder mine = world.order(weak, world.input(ordersAlone(weak), true));
            RestoreWorld.databases(weak).create(mine);
            RestoreWorld.load(weak).load(mine, BackupWorld.NOBODY);
            String made = oid(mine.plan().restored());

            new DatabaseSwap(weak).in(mine);
            assertThat(oid("shop")).isEqualTo(made);
            new DatabaseSwap(weak).back(mine);
            RestoreWorld.databases(weak).drop(mine);
        } finally {
            world.server()
                    .execute(
                            "alter table public.orders owner to \"%s\"".formatted(superuser),
                            "alter database shop owner to \"%s\"".formatted(superuser),
                            "revoke all on database shop from owner",
                            "revoke pg_signal_backend, shop_owner, reader, pg_read_all_data from owner",
                            "drop role owner");
        }
    }

    @Test
    void whatWasReplacedGoesWhenItsDateIsOverAndNothingElseOfItsName() throws Exception {
        new DatabaseSwap(world.access()).in(order);
        PostgresCatalogActivitiesImpl catalog = new PostgresCatalogActivitiesImpl(world.access());

        assertThat(catalog.cleanup(new CleanupOrder("main", true)).kept()).anyMatch(line -> line.contains(kept));
        assertThat(oid(kept)).isEqualTo(live);

        // Another database of that name is not the one that was kept.
        KeptDatabase other = new KeptDatabase(
                1, "shop", 1, world.world.systemId(), "run", Instant.now().minusSeconds(1));
        other.write(world.access());
        assertThat(catalog.cleanup(new CleanupOrder("main", true)).removed()).isEmpty();
        assertThat(oid("shop")).isEqualTo(restored);

        new DatabaseSwap(world.access()).back(order);
        new KeptDatabase(
                        1,
                        order.plan().restored(),
                        Long.parseLong(restored),
                        world.world.systemId(),
                        "run",
                        Instant.now().minusSeconds(1))
                .write(world.access());
        assertThat(catalog.cleanup(new CleanupOrder("main", false)).removed()).hasSize(1);
        assertThat(oid(order.plan().restored())).isEqualTo(restored);
        assertThat(catalog.cleanup(new CleanupOrder("main", true)).removed()).hasSize(1);
        assertThat(oid(order.plan().restored())).isEqualTo("none");
    }

    private void leave(String act) throws Exception {
        if (act.equals("nothing")) {
            return;
        }
        if (act.equals("renamed")) {
            new DatabaseSwap(world.access()).in(order);
            return;
        }
        RestorePlace place = new RestorePlace(world.access(), "shop");
        Instant until = Instant.now().plusSeconds(86_400);
        new KeptDatabase(1, kept, Long.parseLong(live), world.world.systemId(), "run", until).write(world.access());
        place.write(place.note(order).orElseThrow().replacing(Long.parseLong(live), true, until));
        try (Connection connection = world.connect("postgres");
                Statement statement = connection.createStatement()) {
            if (!act.equals("noted")) {
                statement.execute("alter database shop allow_connections false");
            }
            if (act.equals("both shut")) {
                statement.execute("alter database \"%s\" allow_connections false"
                        .formatted(order.plan().restored()));
            }
        }
    }

    private static String ordersAlone(ClusterAccess access) throws IOException {
        String key = "postgres/daily/orders.dump.gz";
        world.world.store.put(
                key,
                java.nio.file.Files.readAllBytes(
                        world.file("orders.dump.gz", "pg_dump -Fc -t public.orders --no-acl shop | gzip > %s")));
        return access.store().addressOf(key);
    }

    private static ClusterAccess as(String login) throws IOException {
        PostgresCluster c = world.server().config();
        java.nio.file.Path password = world.world.folder.resolve("password-" + login);
        java.nio.file.Files.writeString(password, login);
        PostgresCluster other = new PostgresCluster(
                c.name(),
                c.dataDirectory(),
                c.binDirectory(),
                c.configFile(),
                c.runAs(),
                c.host(),
                c.port(),
                login,
                new dev.lifeboat.config.SecretRef("file:" + password, world.world.folder),
                c.database(),
                c.databases(),
                c.start(),
                c.stop(),
                c.smokeTests(),
                c.objectives(),
                c.markerInterval());
        return new ClusterAccess(other, world.world.store, fence -> {}, Map.of(), "1@here");
    }

    @Test
    void theConfiguredMigrationRunsOnTheRestoredDatabaseAndWithoutOneThereIsNothingToDo() throws Exception {
        String psql = world.server().binDirectory() + "/psql -qAtX -v ON_ERROR_STOP=1 -c ";

        StepOutcome none = RestoreWorld.checks(world.access()).migrate(order);
        StepOutcome done = RestoreWorld.checks(migratingBy(psql + "'create table migrated ()'"))
                .migrate(order);
        RestoreChecks broken = RestoreWorld.checks(migratingBy(psql + "'create table migrated ()'"));

        assertThat(none.leftOut()).isTrue();
        assertThat(none.detail()).isEqualTo("no migration is configured");
        assertThat(done.leftOut()).isFalse();
        assertThat(done.checks()).extracting(Check::verdict).containsExactly(Verdict.PASS);
        assertThat(tables(order.plan().restored())).contains("migrated");
        assertThat(tables("shop")).doesNotContain("migrated");
        assertThatThrownBy(() -> broken.migrate(order))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.MIGRATION_FAILED))
                .hasMessageContaining("relation \"migrated\" already exists");
    }

    private static ClusterAccess migratingBy(String command) {
        PostgresCluster given = world.server().config();
        PostgresCluster cluster = new PostgresCluster(
                given.name(),
                given.dataDirectory(),
                given.binDirectory(),
                given.configFile(),
                given.runAs(),
                given.host(),
                given.port(),
                given.user(),
                given.password(),
                given.database(),
                given.databases(),
                given.start(),
                given.stop(),
                given.smokeTests(),
                given.objectives(),
                given.markerInterval(),
                given.spoolDirectory(),
                given.dumps(),
                command);
        ClusterAccess usual = world.access();
        return new ClusterAccess(cluster, usual.store(), usual.leases(), Map.of(), usual.workerName());
    }

    private static String tables(String database) throws Exception {
        try (Connection connection = world.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select string_agg(relname, ' ') from pg_class")) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    private static String oid(String database) throws Exception {
        try (Connection connection = world.connect("postgres")) {
            Long oid = RestoreDatabases.oid(connection, database);
            return oid == null ? "none" : oid.toString();
        }
    }
}
