package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.config.LifeboatConfig.Dumps;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities.DumpRef;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Sequence;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Table;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One database after the other, dumped from a real server: what the dump holds, and who keeps it from being taken. */
@Tag("any-engine")
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DumpIT {

    private static DumpWorld world;

    @BeforeAll
    static void start() throws IOException, SQLException {
        world = DumpWorld.start();
        world.execute(
                "shop",
                "create table item (id bigserial primary key, text text)",
                "insert into item (text) select repeat(md5(n::text), 20) from generate_series(1, 20000) n",
                "create table empty ()",
                "create role selling",
                "alter role selling set work_mem = '7MB'");
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @BeforeEach
    void emptyBucket() {
        world.keys().forEach(world.store()::delete);
    }

    @Test
    void aDumpHoldsWhatItsSnapshotHeldAndNothingOfWhatCameAfter() throws Exception {
        DatabaseFacts before = world.facts("shop");
        Lsn began = position();
        AtomicReference<Lsn> inTheSnapshot = new AtomicReference<>(new Lsn(0));
        Watch watch = DumpWorld.onceInTheSnapshot(() -> {
            inTheSnapshot.set(position());
            world.execute(
                    "shop",
                    "insert into item (text) select 'late' from generate_series(1, 500)",
                    "delete from item where id <= 100",
                    "insert into empty default values",
                    "create table late (n int)");
        });

        DumpManifest dump = DumpWorld.dump(world.access(DumpWorld.PATIENT), "shop", "run-1", watch);

        assertThat(dump.lsn())
                .as("behind what it holds, before what came after")
                .isBetween(began, inTheSnapshot.get());
        assertThat(inTheSnapshot.get()).isLessThan(position());
        assertThat(world.facts("shop").tables()).contains(new Table("public", "late", 0));
        assertThat(dump.facts().tables()).isEqualTo(before.tables());
        assertThat(world.restored(dump, "copy_of_snapshot").tables()).isEqualTo(before.tables());
        assertThat(dump.facts().largest())
                .extracting(DatabaseFacts.Largest::name)
                .isEqualTo("item");
        world.execute("shop", "drop table late", "delete from empty", "delete from item where text = 'late'");
    }

    private static Lsn position() {
        return Lsn.parse(String.valueOf(world.server().query("select pg_current_wal_insert_lsn()::text")));
    }

    /** An emptied table looks empty in older snapshots too: it would be counted full, and dumped empty. */
    @Test
    void nobodyEmptiesATableBetweenItsSnapshotAndItsDump() throws Exception {
        Watch watch = DumpWorld.onceInTheSnapshot(
                () -> assertThatThrownBy(() -> world.execute("shop", "set lock_timeout = 200", "truncate item"))
                        .hasMessageContaining("lock timeout"));

        DumpManifest dump = DumpWorld.dump(world.access(DumpWorld.PATIENT), "shop", "run-1", watch);

        assertThat(rows(dump, "item")).isGreaterThan(19_000);
        assertThat(verify(dump)).allMatch(check -> check.verdict() == Verdict.PASS);
    }

    @Test
    void whatASequenceHandsOutMeanwhileIsInTheDumpOrBehindIt() throws Exception {
        Watch watch = DumpWorld.onceInTheSnapshot(
                () -> world.execute("shop", "select nextval('item_id_seq') from generate_series(1, 1000)"));

        DumpManifest dump = DumpWorld.dump(world.access(DumpWorld.PATIENT), "shop", "run-1", watch);

        Sequence noted = dump.facts().sequences().get(0);
        Sequence restored = world.restored(dump, "copy_of_sequence").sequences().get(0);
        assertThat(restored.last()).isGreaterThanOrEqualTo(noted.last());
        assertThat(noted.called()).isTrue();
    }

    @Test
    void aDatabaseWithEverythingInItIsCountedDumpedAndRestoredAsItIs() throws Exception {
        String name = "Shöp \"2\" /'x=y\\";
        world.execute("postgres", "create database " + quoted(name));
        world.execute(
                name,
                "create extension hstore",
                "create extension citext",
                "create extension pg_trgm",
                "create schema \"odd \"\"schema\"\"\"",
                "create table \"odd \"\"schema\"\"\".\"ta ble; drop\" (\"col umn\" hstore, c citext)",
                "insert into \"odd \"\"schema\"\"\".\"ta ble; drop\" values ('a=>1', 'A'), ('b=>2', 'B')",
                "create table \"Größe\nzwei\" (n int)",
                "create unlogged table quick as select n from generate_series(1, 7) n",
                "create table event (at date, n int) partition by range (at)",
                "create table event_1 partition of event for values from ('2026-01-01') to ('2026-02-01')",
                "create table event_2 partition of event for values from ('2026-02-01') to ('2026-03-01')",
                "insert into event select '2026-01-15', n from generate_series(1, 11) n",
                "create table parent (n int)",
                "create table child () inherits (parent)",
                "insert into child values (1), (2), (3)",
                "create materialized view seen as select * from quick where n > 3",
                "create temporary table mine as select 1",
                "create schema app",
                "create table app.alembic_version (version_num varchar(32) not null)",
                "insert into app.alembic_version values ('7f3a')",
                "create table flyway_schema_history (installed_rank int, version varchar(50), success boolean)",
                "insert into flyway_schema_history values (1, '1.0', true), (2, '1.1', true), (3, null, true), (4, '1.2', false)",
                "create table databasechangelog (id varchar(255), author varchar(255), filename varchar(255), orderexecuted int)",
                "insert into databasechangelog values ('init', 'ana', 'db.xml', 1), ('price', 'bob', 'db.xml', 2)",
                "select lo_from_bytea(0, 'large')");

        DumpManifest dump = world.dump(name, "run-1");

        DatabaseFacts facts = dump.facts();
        assertThat(facts.tables())
                .contains(
                        new Table("odd \"schema\"", "ta ble; drop", 2),
                        new Table("public", "Größe\nzwei", 0),
                        new Table("public", "quick", 7),
                        new Table("public", "event_1", 11),
                        new Table("public", "event_2", 0),
                        new Table("public", "parent", 0),
                        new Table("public", "child", 3))
                .extracting(Table::name)
                .doesNotContain("event", "seen", "mine");
        assertThat(facts.extensions())
                .extracting(DatabaseFacts.Extension::name)
                .containsExactly("citext", "hstore", "pg_trgm", "plpgsql");
        assertThat(facts.revisions())
                .extracting(each -> each.tool() + " " + each.table() + " " + each.revision())
                .containsExactlyInAnyOrder(
                        "alembic app.alembic_version 7f3a",
                        "flyway public.flyway_schema_history 1.1",
                        "liquibase public.databasechangelog db.xml::price::bob");
        assertThat(facts.largeObjects()).isEqualTo(1);
        assertThat(dump.id()).startsWith("Sh%C3%B6p%20%222%22%20%2F%27x%3Dy%5C_20");
        assertThat(verify(dump)).allMatch(check -> check.verdict() == Verdict.PASS);
        DatabaseFacts restored = world.restored(dump, "copy_of_odd");
        assertThat(restored.tables()).isEqualTo(facts.tables());
        assertThat(restored.extensions()).isEqualTo(facts.extensions());
        assertThat(restored.revisions()).isEqualTo(facts.revisions());
        assertThat(restored.largeObjects()).isEqualTo(1);
        assertThat(world.access(DumpWorld.PATIENT).dumps().manifests(unreadable -> {}))
                .containsExactly(dump);
    }

    @Test
    void ofATableOfAnExtensionThoseRowsAreCountedThatADumpCarries() throws Exception {
        world.execute("postgres", "create database extended");
        world.execute(
                "extended",
                "create extension hstore",
                "create table its_own (n int)",
                "create table its_config as select n from generate_series(1, 10) n",
                "alter extension hstore add table its_own",
                "alter extension hstore add table its_config",
                "update pg_extension set extconfig = array['its_config'::regclass::oid], extcondition = array['where n > 7'] where extname = 'hstore'");

        DumpManifest dump = world.dump("extended", "run-1");

        assertThat(dump.facts().tables()).containsExactly(new Table("public", "its_config", 3));
        assertThat(verify(dump)).allMatch(check -> check.verdict() == Verdict.PASS);
    }

    @Test
    void namesAreFoundInTheEncodingOfTheirDatabase() throws Exception {
        world.execute(
                "postgres", "create database latin template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'");
        world.execute("latin", "create table größe as select 'ü'::text as t");

        DumpManifest dump = world.dump("latin", "run-1");

        assertThat(dump.encoding()).isEqualTo("LATIN1");
        assertThat(verify(dump)).allMatch(check -> check.verdict() == Verdict.PASS);
    }

    @Test
    void aDatabaseWithoutATableIsADumpToo() throws Exception {
        world.execute("postgres", "create database hollow");

        DumpManifest dump = world.dump("hollow", "run-1");

        assertThat(dump.facts().tables()).isEmpty();
        assertThat(dump.facts().largest()).isNull();
        assertThat(verify(dump)).allMatch(check -> check.verdict() == Verdict.PASS);
    }

    /** What can be dumped by {@code pg_dump} alone can be dumped with its rows counted. */
    @Test
    void asManyTablesAsTheServerCanLockAreCountedToo() throws Exception {
        world.execute("postgres", "create database many");
        world.execute(
                "many",
                "do $$ begin for i in 1..700 loop execute format('create table t%s (n int primary key)', i); commit; end loop; end $$",
                "insert into t700 values (1)");

        DumpManifest dump = world.dump("many", "run-1");

        assertThat(dump.facts().tables()).hasSize(700);
        assertThat(rows(dump, "t700")).isEqualTo(1);
        assertThat(verify(dump)).allMatch(check -> check.verdict() == Verdict.PASS);
    }

    @Test
    void whoHoldsTheLockIsNamed() throws Exception {
        try (Connection migration = world.connect("shop");
                Statement statement = migration.createStatement()) {
            migration.setAutoCommit(false);
            statement.execute("set application_name = 'alembic upgrade'");
            statement.execute("lock table item in access exclusive mode");
            int pid = pid(statement);

            assertThatThrownBy(() -> DumpWorld.dump(world.access(DumpWorld.HASTY), "shop", "run-1", BackupWorld.NOBODY))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                        assertThat(failure.code()).isEqualTo(FailureCode.TABLE_LOCKED);
                        assertThat(failure.hint()).contains("pg_terminate_backend(" + pid + ")");
                    })
                    .hasMessageContaining("public.item is held by process " + pid)
                    .hasMessageContaining("alembic upgrade");
        }
        assertThat(world.keys()).isEmpty();
    }

    /** It waits for us, and pg_dump, which comes after it, for it. */
    @Test
    void whoWaitsInFrontOfPgDumpIsNamed() throws Exception {
        try (Connection migration = world.connect("shop");
                Statement statement = migration.createStatement()) {
            statement.execute("set application_name = 'alembic upgrade'");
            Watch watch = DumpWorld.onceInTheSnapshot(() -> {
                CompletableFuture.runAsync(() -> tryTo(statement, "alter table item add column price int"));
                await().atMost(Duration.ofSeconds(60))
                        .until(
                                () -> "1"
                                        .equals(
                                                world.server()
                                                        .query(
                                                                "select count(*)::text from pg_locks where not granted and mode = 'AccessExclusiveLock'")));
            });

            assertThatThrownBy(() -> DumpWorld.dump(world.access(DumpWorld.HASTY), "shop", "run-1", watch))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.TABLE_LOCKED))
                    .hasMessageContaining("public.item is")
                    .hasMessageContaining("alembic upgrade");
        }
        assertThat(world.keys()).isEmpty();
        world.execute("shop", "alter table item drop column if exists price");
    }

    @Test
    void aRoleThatMayNotReadATableIsToldWhichAndNothingIsStored() throws Exception {
        world.role("reader");
        assertThatThrownBy(() -> DumpWorld.dump(world.accessAs("reader"), "shop", "run-1", BackupWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.CLUSTER_NOT_READY);
                    assertThat(failure.hint()).contains("grant pg_read_all_data to \"reader\"");
                })
                .hasMessageContaining("permission denied for table");
        assertThat(world.keys()).isEmpty();

        world.execute("postgres", "grant pg_read_all_data to reader");
        DumpManifest dump = DumpWorld.dump(world.accessAs("reader"), "shop", "run-1", BackupWorld.NOBODY);

        assertThat(rows(dump, "item")).isGreaterThan(19_000);
        assertThat(verify(dump)).allMatch(check -> check.verdict() == Verdict.PASS);
    }

    @Test
    void rowsThatAPolicyHidesAreNotLeftOutInSilence() throws Exception {
        world.role("tenant", "grant pg_read_all_data to tenant", "create database tenants");
        world.execute(
                "tenants",
                "create table account as select n from generate_series(1, 10) n",
                "alter table account enable row level security",
                "create policy own on account using (n < 3)");

        assertThatThrownBy(() -> DumpWorld.dump(world.accessAs("tenant"), "tenants", "run-1", BackupWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.CLUSTER_NOT_READY);
                    assertThat(failure.hint()).contains("alter role \"tenant\" bypassrls");
                })
                .hasMessageContaining("row-level security")
                .hasMessageContaining("account");

        world.execute("postgres", "alter role tenant bypassrls");
        DumpManifest dump = DumpWorld.dump(world.accessAs("tenant"), "tenants", "run-1", BackupWorld.NOBODY);
        assertThat(rows(dump, "account")).isEqualTo(10);
    }

    @Test
    void largeObjectsThatTheRoleMayNotReadAreToldOf() throws Exception {
        world.role("clerk", "grant pg_read_all_data to clerk", "create database letters");
        world.execute("letters", "select lo_from_bytea(0, 'secret')");

        assertThatThrownBy(() -> DumpWorld.dump(world.accessAs("clerk"), "letters", "run-1", BackupWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.CLUSTER_NOT_READY))
                .hasMessageContaining("permission denied for large object");
        assertThat(world.keys()).isEmpty();
    }

    @Test
    void aDatabaseThatNobodyCanConnectToIsToldFromAServerThatIsAway() throws Exception {
        world.execute("postgres", "create database closed allow_connections false", "create database half");
        world.execute("postgres", "update pg_database set datconnlimit = -2 where datname = 'half'");

        for (String name : List.of("closed", "half", "never made")) {
            assertThatThrownBy(() -> world.dump(name, "run-1"))
                    .as(name)
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.CLUSTER_NOT_READY))
                    .hasMessageContaining("cannot dump the database " + name);
        }
        assertThat(new DumpReadiness(world.access(DumpWorld.PATIENT))
                        .choose(null)
                        .databases())
                .contains("shop")
                .doesNotContain("closed", "half", "template1");
        world.execute("postgres", "update pg_database set datconnlimit = -1 where datname = 'half'");
    }

    @Test
    void aSecondCallOfTheSameRunReturnsTheFinishedDumpAndAnotherRunTakesItsOwn() throws Exception {
        DumpManifest first = world.dump("shop", "run-1");

        assertThat(world.dump("shop", "run-1")).isEqualTo(first);
        assertThat(world.dump("shop", "run-2").id()).isNotEqualTo(first.id());
    }

    @Test
    void aDumpThatIsGivenUpInTheMiddleLeavesNothingAndTheNextAttemptIsWhole() throws Exception {
        IllegalStateException noLonger = new IllegalStateException("no longer wanted");
        Watch watch = new Watch() {
            private volatile boolean begun;

            @Override
            public void progress(Progress now) {
                begun |= now.what().startsWith("dumping") && now.done() > 2_000_000;
            }

            @Override
            public void check() {
                if (begun) {
                    throw noLonger;
                }
            }
        };

        assertThatThrownBy(() -> DumpWorld.dump(world.access(DumpWorld.PATIENT), "shop", "run-1", watch))
                .isSameAs(noLonger);

        assertThat(world.keys()).isEmpty();
        await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> "0"
                                .equals(
                                        world.server()
                                                .query(
                                                        "select count(*)::text from pg_stat_activity where application_name = 'pg_dump'"
                                                                + " or application_name = 'lifeboat' and state <> 'idle' and pid <> pg_backend_pid()")));
        DumpManifest dump = world.dump("shop", "run-1");
        assertThat(world.keys())
                .containsExactlyInAnyOrder(
                        dump.archive().key(),
                        dump.globals().key(),
                        BucketLayout.dumpManifest("main", dump.id()),
                        BucketLayout.RESTORE_PAGE,
                        BucketLayout.RESTORE_SCRIPT);
    }

    @Test
    void onlyWhatAnUnfinishedDumpOfThisDatabaseLeftIsCleared() throws Exception {
        String folder = BucketLayout.dumps("main");
        DumpManifest finished = world.dump("shop", "run-0");
        List<String> others = List.of(
                folder + "shop_2020-01-01_000000.dump.gz",
                folder + "shop_eu_2020-01-01_000000.dump.zst",
                folder + "notes.txt",
                finished.archive().key(),
                finished.globals().key());
        others.subList(0, 3).forEach(key -> world.store().put(key, new byte[] {1}));
        world.store().put(folder + "shop_2020-01-01_000000.dump.zst", new byte[] {1});
        world.store().put(folder + "shop_2020-01-01_000000.globals.sql.zst.enc", new byte[] {1});

        world.dump("shop", "run-1");

        assertThat(world.keys()).containsAll(others).noneMatch(key -> key.contains("shop_2020-01-01_000000.dump.zst"));
        assertThat(world.keys()).noneMatch(key -> key.endsWith(".enc"));
    }

    @Test
    void aRunThatWasFencedOutWritesNothing() {
        ClusterAccess own = world.access(DumpWorld.PATIENT);
        ClusterAccess fenced = new ClusterAccess(
                own.cluster(),
                own.store(),
                fence -> {
                    throw new RecoveryFailure(FailureCode.FENCED_OUT, "newer", "");
                },
                own.environment(),
                own.workerName());

        assertThatThrownBy(() -> DumpWorld.dump(fenced, "shop", "run-1", BackupWorld.NOBODY))
                .isInstanceOf(RecoveryFailure.class);
        assertThat(world.keys()).isEmpty();
    }

    @Test
    void aDumpThatTakesTooLongIsGivenUp() {
        Dumps moment = new Dumps(Duration.ofMillis(1), Duration.ofSeconds(30), false);
        ClusterAccess access = world.access(moment);

        assertThatThrownBy(() -> DumpWorld.dump(
                        access,
                        "shop",
                        "run-1",
                        new Deadline(BackupWorld.NOBODY, "the dump of database shop", moment.timeout(), "")))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.TOOK_TOO_LONG))
                .hasMessage("the dump of database shop was still going on after PT0.001S");
        assertThat(world.keys()).noneMatch(key -> key.endsWith(".json"));
    }

    @Test
    void theGlobalsHoldPasswordsOnlyWhereThatIsAskedFor() throws Exception {
        String usually = text(world.dump("shop", "run-1"));
        Dumps asked = new Dumps(Duration.ofMinutes(5), Duration.ofSeconds(30), true);
        String withPasswords = text(DumpWorld.dump(world.access(asked), "shop", "run-2", BackupWorld.NOBODY));

        assertThat(usually)
                .contains("CREATE ROLE selling", "ALTER ROLE selling SET work_mem TO '7MB'")
                .doesNotContain("SCRAM-SHA-256");
        assertThat(withPasswords).contains("CREATE ROLE selling", "SCRAM-SHA-256");
    }

    @Test
    void anObjectThatWasDamagedOrRemovedSinceIsFoundByReadingBack() throws Exception {
        DumpManifest dump = world.dump("shop", "run-1");
        byte[] archive = world.store().readAll(dump.archive().key());
        byte[] altered = archive.clone();
        altered[altered.length / 2] ^= 1;

        world.store().put(dump.archive().key(), altered);
        assertDamaged(dump, dump.archive().key());
        world.store().put(dump.archive().key(), Arrays.copyOf(archive, archive.length / 2));
        assertDamaged(dump, dump.archive().key());
        // Of another database: two dumps of one within a second are the same to the byte.
        DumpManifest other = world.dump("postgres", "run-2");
        world.store()
                .put(dump.archive().key(), world.store().readAll(other.archive().key()));
        assertDamaged(dump, dump.archive().key());
        world.store().delete(dump.archive().key());
        assertDamaged(dump, dump.archive().key());
        world.store().put(dump.archive().key(), archive);
        world.store().put(dump.globals().key(), new byte[] {1, 2, 3});
        assertDamaged(dump, dump.globals().key());
    }

    @Test
    void aDumpThatHasShrunkIsAFindingAndNotASuccessInSilence() throws Exception {
        world.execute("postgres", "create database shrinking");
        world.execute("shrinking", "create table t as select md5(n::text) from generate_series(1, 5000) n");
        DumpManifest large = world.dump("shrinking", "run-1");
        world.execute("shrinking", "truncate t");
        DumpManifest small = world.dump("shrinking", "run-2");

        StepOutcome first = verifiedByAWorker(large);
        StepOutcome second = verifiedByAWorker(small);

        assertThat(first.findings()).isEmpty();
        assertThat(first.checks()).noneMatch(check -> check.verdict() == Verdict.FAIL);
        assertThat(second.checks())
                .filteredOn(check -> check.verdict() == Verdict.FAIL)
                .extracting(Check::name)
                .containsExactly("shrinking: size");
        assertThat(second.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.what()).contains("the dump " + small.id() + " has shrunk");
            assertThat(finding.hint()).contains("lifeboat backups main");
        });
    }

    @Test
    void aTableThatTheArchiveLacksIsFoundInItsTableOfContents() throws Exception {
        DumpManifest dump = world.dump("shop", "run-1");
        DatabaseFacts held = dump.facts();
        DumpManifest other = new DumpManifest(
                dump.format(),
                dump.id(),
                dump.cluster(),
                dump.database(),
                dump.systemId(),
                dump.serverVersion(),
                dump.startedAt(),
                dump.endedAt(),
                dump.bytes(),
                dump.storedBytes(),
                dump.owner(),
                dump.encoding(),
                dump.collation(),
                dump.characterClass(),
                dump.archive(),
                dump.globals(),
                new DatabaseFacts(
                        List.of(new Table("public", "item", 1), new Table("public", "lost", 1)),
                        held.extensions(),
                        held.sequences(),
                        held.largest(),
                        held.revisions(),
                        held.largeObjects()),
                dump.runId(),
                dump.worker(),
                dump.tools(),
                dump.lsn(),
                null);

        assertThat(verify(other))
                .filteredOn(check -> check.verdict() == Verdict.FAIL)
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.name()).isEqualTo("shop: table of contents");
                    assertThat(check.observed()).isEqualTo("1 missing, the first: TABLE DATA public lost");
                });
    }

    private static void assertDamaged(DumpManifest dump, String key) {
        assertThatThrownBy(() -> verify(dump))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.BACKUP_DAMAGED))
                .hasMessageContaining(key);
    }

    private static List<Check> verify(DumpManifest dump) throws IOException, InterruptedException {
        return new DumpVerification(world.access(DumpWorld.PATIENT), dump, BackupWorld.NOBODY).checks();
    }

    private static StepOutcome verifiedByAWorker(DumpManifest dump) {
        TestActivityEnvironment temporal = TestActivityEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                        .setDataConverter(PayloadMapper.dataConverter())
                        .build())
                .build());
        try {
            temporal.registerActivitiesImplementations(new PostgresDumpActivitiesImpl(world.access(DumpWorld.PATIENT)));
            Fence fence = new Fence("main.daily-dump", 1, dump.runId());
            return temporal.newActivityStub(PostgresDumpActivities.class)
                    .verifyDump(new DumpRef("main", fence, dump.id()));
        } finally {
            temporal.close();
        }
    }

    private static long rows(DumpManifest dump, String table) {
        return dump.facts().tables().stream()
                .filter(each -> each.name().equals(table))
                .findFirst()
                .orElseThrow()
                .rows();
    }

    private static String text(DumpManifest dump) throws IOException {
        byte[] stored = world.store().readAll(dump.globals().key());
        return new String(
                new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(stored)).readAllBytes(),
                StandardCharsets.UTF_8);
    }

    private static int pid(Statement statement) throws SQLException {
        try (var row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void tryTo(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            // It was ended with its connection.
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
