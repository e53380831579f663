package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.StepTranscripts;
import dev.lifeboat.activities.store.StepTranscripts.Attempt;
import dev.lifeboat.workflows.contract.StepCall;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreOrder;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.AskedTables;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestorePlanning;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dumps of every kind, brought into a database of their own by the activities, on a real server. */
@Tag("any-engine")
class DumpRestoreIT {

    private static final Attempt ATTEMPT = new Attempt(
            "dump-restore/main.erp",
            "run-1",
            new StepCall(Instant.parse("2026-08-22T09:31:07Z"), 5, "load-dump"),
            1,
            "DumpRestoreLoadDump");

    private static RestoreWorld world;
    private static DatabaseFacts held;
    private static String dump;

    @BeforeAll
    static void start() throws Exception {
        world = RestoreWorld.start("");
        held = world.facts("shop");
        dump = world.dump();
    }

    @AfterAll
    static void stop() throws IOException {
        world.world.close();
    }

    @AfterEach
    void dropRestored() throws Exception {
        for (String name :
                List.of(world.ask("select string_agg(datname, ',') from pg_database where datname like 'shop\\_%'")
                        .split(","))) {
            if (!name.equals("null")) {
                world.server().execute("drop database if exists \"%s\" with (force)".formatted(name));
            }
        }
    }

    @Test
    void aDumpOfTheCatalogueIsWhatItsManifestSays() throws Exception {
        DumpRestoreOrder order = world.restore(dump, false);
        RestoreWorld.load(world.access()).analyze(order, BackupWorld.NOBODY);

        StepOutcome checked = RestoreWorld.checks(world.access()).compare(order, BackupWorld.NOBODY);

        assertThat(checked.checks())
                .extracting(Check::verdict)
                .containsOnly(Verdict.PASS)
                .hasSize(6);
        assertThat(world.facts(order.plan().restored())).isEqualTo(withoutSizes(held, order));
        assertThat(spool()).as("nothing stays on the disk").doesNotExist();
        assertThat(ask(order, "select tableowner from pg_tables where tablename = 'items'"))
                .isEqualTo("shop_owner");
        assertThat(ask(order, "select has_table_privilege('reader', 'public.orders', 'select')::text"))
                .isEqualTo("true");
        assertThat(ask(order, "select (count(*) > 0)::text from pg_stats where tablename = 'orders'"))
                .as("it was analyzed")
                .isEqualTo("true");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "old.dump.gz ! pg_dump -Fc shop | gzip > %s",
                "plain.dump ! pg_dump -Fc -f %s shop",
                "one.tar ! pg_dump -Ft -f %s shop",
                "packed.tar.zst ! pg_dump -Ft shop | zstd -q -1 > %s",
                "folder ! pg_dump -Fd -j2 -f %s shop",
                "folder.tgz ! pg_dump -Fd -f %1$s.d shop; tar -C $(dirname %1$s) -czf %1$s $(basename %1$s).d",
                "text.sql ! pg_dump -f %s shop",
                "text.sql.gz ! pg_dump shop | gzip > %s",
                "misnamed.sql ! pg_dump -Fc shop | zstd -q -1 > %s"
            })
    void aFileOfEachKindBringsEverythingBack(String name, String command) throws Exception {
        Path file = world.file(name, command);

        DumpRestoreOrder order = world.restore(file.toString(), false);

        assertThat(world.facts(order.plan().restored())).isEqualTo(withoutSizes(held, order));
        assertThat(order.plan().source().disagreements().isEmpty()).isEqualTo(!name.startsWith("misnamed"));
        assertThat(RestoreWorld.checks(world.access())
                        .compare(order, BackupWorld.NOBODY)
                        .checks())
                .extracting(Check::verdict)
                .containsExactly(Verdict.PASS, Verdict.PASS, Verdict.NOT_MEASURED);
        assertThat(spool()).doesNotExist();
    }

    @Test
    void anOldDumpOfThePlatformRestoresAsItLiesInTheBucket() throws Exception {
        String key = "postgres/daily/shop_2026-02-15_020000.dump.gz";
        world.world.store.put(key, Files.readAllBytes(world.file("shop.dump.gz", "pg_dump -Fc shop | gzip > %s")));

        DumpRestoreOrder order = world.restore(world.access().store().addressOf(key), false);

        assertThat(world.facts(order.plan().restored())).isEqualTo(withoutSizes(held, order));
        world.world.store.delete(key);
    }

    @Test
    void theAddressOfADumpOfTheCatalogueIsComparedWithItsManifestToo() throws Exception {
        String address = world.access().store().addressOf(BucketLayout.dump("main", dump));

        assertThat(world.order(world.access(), world.input(address, false))
                        .plan()
                        .source()
                        .choice()
                        .name())
                .isEqualTo(dump);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, -100, -1})
    void notAByteOfADamagedObjectReachesADatabase(int where) throws Exception {
        String key = BucketLayout.dump("main", dump);
        byte[] whole = world.world.store.readAll(key);
        byte[] damaged = whole.clone();
        damaged[where < 0 ? damaged.length + where : where] ^= 1;
        DumpRestoreOrder order = world.order(world.access(), world.input(dump, false));
        RestoreWorld.databases(world.access()).create(order);
        world.world.store.put(key, damaged);
        try {
            assertThatThrownBy(() -> RestoreWorld.load(world.access()).load(order, BackupWorld.NOBODY))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.BACKUP_DAMAGED))
                    .hasMessageContaining(dump);
            assertThat(RestoreWorld.databases(world.access())
                            .isEmpty(order.plan().restored()))
                    .isTrue();
        } finally {
            world.world.store.put(key, whole);
        }

        RestoreWorld.load(world.access()).load(order, BackupWorld.NOBODY);
        assertThat(world.facts(order.plan().restored())).isEqualTo(withoutSizes(held, order));
    }

    /** Whole in itself, as its own checksum says, and another's: only the digest of the manifest tells. */
    @Test
    void aWholeArchiveOfSomethingElseReachesNoDatabase() throws Exception {
        String key = BucketLayout.dump("main", dump);
        byte[] own = world.world.store.readAll(key);
        DumpRestoreOrder order = world.order(world.access(), world.input(dump, false));
        RestoreWorld.databases(world.access()).create(order);
        world.world.store.put(
                key, Files.readAllBytes(world.file("other.dump.zst", "pg_dump -Fc -Z0 -t orders shop | zstd -q > %s")));
        try {
            assertThatThrownBy(() -> RestoreWorld.load(world.access()).load(order, BackupWorld.NOBODY))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.BACKUP_DAMAGED));
            assertThat(RestoreWorld.databases(world.access())
                            .isEmpty(order.plan().restored()))
                    .isTrue();
        } finally {
            world.world.store.put(key, own);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd -q"})
    void aFileThatEndsTooEarlyReachesNoDatabase(String packer) throws Exception {
        Path file = world.file("cut", "pg_dump -Fc shop | " + packer + " > %s");
        byte[] whole = Files.readAllBytes(file);
        // Some of it is found at the first look already, before there is a database.
        for (int length : List.of(whole.length * 2 / 3, 15)) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> world.restore(file.toString(), false))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.BACKUP_DAMAGED));
        }

        List<String> made = world.databases("shop\\_restored%");
        assertThat(made).hasSizeLessThan(2);
        for (String database : made) {
            assertThat(RestoreWorld.databases(world.access()).isEmpty(database)).isTrue();
        }
    }

    @Test
    void whatAKilledAttemptHasLoadedIsThrownAwayAndWhatItHasPutDownIsUsedAgain() throws Exception {
        DumpRestoreOrder order = world.order(world.access(), world.input(dump, false));
        RestoreWorld.databases(world.access()).create(order);
        DumpSpool spool = new RestorePlace(world.access(), "shop").spool();
        spool.fetch(
                new RestoreFactsReader(world.access(), List.of())
                        .source(order.plan().source().choice()),
                BackupWorld.NOBODY);
        try (var half = world.connect(order.plan().restored());
                var statement = half.createStatement()) {
            statement.execute("create table orders (half int)");
        }
        byte[] whole = world.world.store.readAll(BucketLayout.dump("main", dump));
        world.world.store.put(BucketLayout.dump("main", dump), new byte[] {1, 2, 3});
        try {
            RestoreWorld.load(world.access()).load(order, BackupWorld.NOBODY);
        } finally {
            world.world.store.put(BucketLayout.dump("main", dump), whole);
        }

        assertThat(world.facts(order.plan().restored())).isEqualTo(withoutSizes(held, order));
        assertThat(RestoreWorld.load(world.access())
                        .load(order, BackupWorld.NOBODY)
                        .detail())
                .isEqualTo("was loaded already");
    }

    @Test
    void onlyTheTablesThatAreAskedForComeBackWithTheirKeys() throws Exception {
        DumpRestoreOrder order =
                world.order(world.access(), world.input(dump, false, null, List.of("shop.items"), false));
        RestoreWorld.databases(world.access()).create(order);

        RestoreWorld.load(world.access()).load(order, BackupWorld.NOBODY);

        assertThat(ask(order, "select count(*)::text from shop.items")).isEqualTo("300");
        assertThat(
                        ask(
                                order,
                                "select string_agg(conname, ',') from pg_constraint where contype <> 'n' and conrelid = 'shop.items'::regclass"))
                .isEqualTo("items_pkey");
        assertThat(ask(order, "select to_regclass('public.orders')::text")).isEqualTo("null");
        assertThat(RestoreWorld.checks(world.access())
                        .compare(order, BackupWorld.NOBODY)
                        .checks())
                .extracting(Check::verdict)
                .containsExactly(Verdict.PASS, Verdict.PASS);
    }

    @ParameterizedTest
    @CsvSource({
        "nowhere, UNKNOWN_BACKUP, cannot find the dump nowhere",
        "/nowhere/x.dump, UNKNOWN_BACKUP, no such file",
        "s3://other/x.dump, UNKNOWN_BACKUP, only what lies below",
        "s3://%s/x.dump, UNKNOWN_BACKUP, no such object",
        "/bin/true, DUMP_UNUSABLE, those of no dump"
    })
    void whatIsNotThereIsRefusedByItsNameBeforeAnythingIsMade(String backup, FailureCode code, String words) {
        String bucket = world.access().store().addressOf("");
        String asked = backup.replace("s3://%s/", bucket);

        assertThatThrownBy(() -> world.order(world.access(), world.input(asked, false)))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(code);
                    assertThat(failure.hint()).contains("lifeboat backups");
                })
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "the catalogue ! ",
                "tables.dump.gz ! pg_dump -Fc shop | gzip > %s",
                "tables.tar ! pg_dump -Ft -f %s shop",
                "tables.folder ! pg_dump -Fd -f %s shop",
                "tables.tgz ! pg_dump -Fd -f %1$s.d shop; tar -C $(dirname %1$s) -czf %1$s $(basename %1$s).d"
            })
    void aTableThatIsNotInTheDumpIsRefusedBeforeADatabaseIsMade(String name, @Nullable String command)
            throws Exception {
        String backup = command == null ? dump : world.file(name, command).toString();
        List<String> before = world.databases("%");

        for (String unknown : List.of("ordres", "sums")) {
            assertThatThrownBy(() -> world.order(
                            world.access(), world.input(backup, false, null, List.of("shop.items", unknown), false)))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                        assertThat(failure.code()).isEqualTo(FailureCode.UNKNOWN_TABLE);
                        assertThat(failure.hint().contains("public.orders")).isEqualTo(unknown.equals("ordres"));
                    })
                    .hasMessageContaining("cannot restore the table " + unknown)
                    .hasMessageContaining(unknown.equals("sums") ? "it is a materialized view" : "has 5 tables");
        }
        assertThat(world.databases("%")).isEqualTo(before);
    }

    @Test
    void aPartitionedTableThatNoManifestListsIsNotRefused() throws Exception {
        DumpRestoreOrder order = world.order(world.access(), world.input(dump, false, null, List.of("parts"), false));

        RestoreWorld.databases(world.access()).create(order);
        RestoreWorld.load(world.access()).load(order, BackupWorld.NOBODY);

        assertThat(order.plan().source().asked()).isEqualTo(new AskedTables(5, List.of(), List.of("parts")));
        assertThat(ask(order, "select relkind::text from pg_class where oid = 'parts'::regclass"))
                .isEqualTo("p");
    }

    @Test
    void whereARoleIsMissingACopyBelongsToWhoRestoresItAndAReplacementIsRefused() throws Exception {
        world.server()
                .execute(
                        "create role gone",
                        "create table of_gone (n int)",
                        "insert into of_gone values (1)",
                        "alter table of_gone owner to gone");
        String other = world.dump();
        world.server().execute("drop table of_gone", "drop role gone");

        DumpRestoreOrder beside = world.order(world.access(), world.input(other, false));
        RestoreWorld.databases(world.access()).create(beside);
        StepOutcome loaded = RestoreWorld.load(world.access()).load(beside, BackupWorld.NOBODY);
        DumpRestoreOrder clean = world.order(world.access(), world.input(other, true));
        RestoreWorld.databases(world.access()).create(clean);

        assertThat(loaded.findings()).extracting(Finding::what).anyMatch(what -> what.endsWith(": gone"));
        assertThat(ask(beside, "select n::text from of_gone")).isEqualTo("1");
        assertThatThrownBy(() -> RestoreWorld.load(world.access()).load(clean, BackupWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.ROLES_MISSING);
                    assertThat(failure.hint()).contains(other + ".globals.sql.zst");
                })
                .hasMessageContaining("gone");
    }

    @Test
    void subscriptionsStayAwayFromACopyAndAFedDatabaseIsNotReplaced() throws Exception {
        world.server()
                .execute(
                        "create subscription from_erp connection 'dbname=erp host=/nowhere' publication p with (connect = false, slot_name = 's')");
        try {
            String fed = world.dump();
            DumpRestoreOrder order = world.order(world.access(), world.input(fed, false));
            RestoreWorld.databases(world.access()).create(order);

            StepOutcome loaded = RestoreWorld.load(world.access()).load(order, BackupWorld.NOBODY);

            assertThat(loaded.findings()).extracting(Finding::what).anyMatch(what -> what.contains("subscriptions"));
            assertThat(world.ask("select count(*)::text from pg_subscription")).isEqualTo("1");
            assertThatThrownBy(() -> world.order(world.access(), world.input(fed, true)))
                    .hasMessageContaining("from_erp");
        } finally {
            world.server().execute("alter subscription from_erp set (slot_name = none)", "drop subscription from_erp");
        }
    }

    @Test
    void aStatementThatTheServerRefusesIsASentenceAndNotTriedAgain() throws Exception {
        world.server()
                .execute(
                        "create function slow() returns int language sql as 'select 1'",
                        "create table odd (n int check (slow() = 1))",
                        "insert into odd values (1)");
        String odd = world.dump();
        world.server()
                .execute(
                        "drop table odd",
                        "create or replace function slow() returns int language sql as 'select 1'",
                        "drop function slow()");
        // Without the function that its check needs, the table cannot be made.
        DumpRestoreOrder order = world.order(world.access(), world.input(odd, false, null, List.of("odd"), false));
        RestoreWorld.databases(world.access()).create(order);

        assertThatThrownBy(() -> RestoreWorld.load(world.access()).load(order, BackupWorld.NOBODY))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.RESTORE_FAILED))
                .hasMessageContaining("slow()");
    }

    @Test
    void aDatabaseThatSomebodyElseMadeMeanwhileIsNeitherFilledNorDropped() throws Exception {
        DumpRestoreOrder order = world.order(world.access(), world.input(dump, false));
        world.server().execute("create database \"%s\"".formatted(order.plan().restored()));
        try (var theirs = world.connect(order.plan().restored());
                var statement = theirs.createStatement()) {
            statement.execute("create table precious (n int)");
        }

        assertThatThrownBy(() -> RestoreWorld.databases(world.access()).create(order))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.DATABASE_EXISTS));
        RestoreWorld.databases(world.access()).drop(order);

        assertThat(ask(order, "select to_regclass('precious')::text")).isEqualTo("precious");
    }

    @Test
    void anUndoDropsWhatThisRunMadeAndASecondOneFindsNothing() throws Exception {
        DumpRestoreOrder order = world.restore(dump, false);

        assertThat(RestoreWorld.databases(world.access()).drop(order)).isTrue();
        assertThat(RestoreWorld.databases(world.access()).drop(order)).isFalse();
        assertThat(world.ask("select count(*)::text from pg_database where datname like 'shop\\_%'"))
                .isEqualTo("0");
    }

    @Test
    void anUndoLeavesADatabaseThatGotItsNameMeanwhile() throws Exception {
        DumpRestoreOrder order = world.restore(dump, false);
        String name = "\"%s\"".formatted(order.plan().restored());
        world.say("postgres", "drop database " + name, "create database " + name);

        assertThat(RestoreWorld.databases(world.access()).drop(order)).isFalse();

        assertThat(world.databases(order.plan().restored())).hasSize(1);
    }

    @Test
    void aCopyLetsInNobodyWhomTheLiveDatabaseKeepsOut() throws Exception {
        DumpRestoreOrder order = world.restore(dump, false);

        assertThat(world.properties(order.plan().restored())).isEqualTo(world.properties("shop"));
        assertThat(world.properties("shop"))
                .contains("reader=c/", "shop, \\\"$user\\\", public", "12s", "77", "orders's");
    }

    static List<String> locales() {
        List<String> known = RestoreWorld.locales(world.server());
        System.out.println("DumpRestoreIT: databases are made with " + known + "; other servers know more, or fewer");
        return known;
    }

    @ParameterizedTest
    @MethodSource("locales")
    void aDatabaseThatIsGoneComesBackAsItWasMadeWithItsGrantsAndSettings(String locale) throws Exception {
        Path disk = Files.createDirectory(world.server().root().resolve("erp-disk"));
        new ServerUser(world.server().config().runAs()).own(disk);
        world.say(
                "postgres",
                "create tablespace erp_disk location '" + disk + "'",
                "create database erp template template0 encoding 'UTF8' %s tablespace erp_disk owner shop_owner"
                        .formatted(locale),
                "alter database erp set search_path = books, \"$user\", public",
                "alter database erp set app.tenant = 'it''s; \\ours'",
                "alter role reader in database erp set work_mem = '7MB'",
                "revoke all on database erp from public",
                "grant connect on database erp to reader with grant option",
                "alter database erp connection limit 3",
                "comment on database erp is 'the; books'");
        try {
            world.say("erp", "create table public.ledger as select n from generate_series(1, 100) n");
            String file = world.file("erp.dump", "pg_dump -Fc -f %s erp").toString();
            String properties = world.properties("erp");
            world.say("postgres", "drop database erp");

            RestoreWorld.Restored restored;
            try (StepTranscripts logs = new StepTranscripts(world.world.store, "1@here", List::of);
                    var log = logs.begin(ATTEMPT)) {
                restored = world.restoreOf("erp", file);
            }

            assertThat(log())
                    .as("names of settings, and no values")
                    .contains("tenant", "***")
                    .doesNotContain("ours", "7MB");
            assertThat(world.properties(restored.name())).isEqualTo(properties);
            assertThat(properties)
                    .contains("erp_disk", "reader=c*/shop_owner", "books", "ours", "7MB", " 3 ", "the; books");
            assertThat(restored.findings()).isEmpty();
            assertThat(ask(restored.order(), "select count(*)::text from public.ledger"))
                    .isEqualTo("100");
        } finally {
            dropAll("erp%");
            world.say("postgres", "drop tablespace erp_disk");
            Files.delete(disk);
        }
    }

    private static String log() {
        return world.world.store.list(BucketLayout.EVIDENCE).stream()
                .map(object -> new String(world.world.store.readAll(object.key()), StandardCharsets.UTF_8))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void whatTheServerDoesNotLetAnArchiveSetIsNamedAndTheRestIsSet() throws Exception {
        Path disk = Files.createDirectory(world.server().root().resolve("gone-disk"));
        new ServerUser(world.server().config().runAs()).own(disk);
        world.say(
                "postgres",
                "create role elsewhere",
                "create tablespace gone_disk location '" + disk + "'",
                "create database erp template template0 tablespace gone_disk",
                "grant connect on database erp to elsewhere",
                "alter role elsewhere in database erp set work_mem = '9MB'",
                "alter database erp connection limit 3");
        try {
            String file = world.file("erp2.dump", "pg_dump -Fc -f %s erp").toString();
            world.say("postgres", "drop database erp", "drop role elsewhere", "drop tablespace gone_disk");

            RestoreWorld.Restored restored = world.restoreOf("erp", file);

            assertThat(restored.findings())
                    .extracting(Finding::what)
                    .anyMatch(what -> what.contains("lacks what the server did not let") && what.contains("elsewhere"))
                    .anyMatch(what -> what.contains("work_mem"))
                    .noneMatch(what -> what.contains("9MB"));
            assertThat(world.ask("select datconnlimit::text from pg_database where datname = '%s'"
                            .formatted(restored.name())))
                    .isEqualTo("3");
        } finally {
            dropAll("erp%");
            Files.delete(disk);
        }
    }

    @Test
    void whereTheLiveOneLiesOnADiskOfItsOwnTheCopyLiesThereToo() throws Exception {
        Path disk = Files.createDirectory(world.server().root().resolve("own-disk"));
        new ServerUser(world.server().config().runAs()).own(disk);
        world.say(
                "postgres",
                "create tablespace own_disk location '" + disk + "'",
                "create database erp template template0 tablespace own_disk");
        try {
            String file = world.file("erp3.dump", "pg_dump -Fc -f %s shop").toString();

            RestoreWorld.Restored restored = world.restoreOf("erp", file);

            assertThat(world.properties(restored.name())).contains("own_disk");
            assertThat(RestoreWorld.databases(world.access())
                            .placeOf(restored.order().plan()))
                    .isEqualTo(disk);
        } finally {
            dropAll("erp%");
            world.say("postgres", "drop tablespace own_disk");
            Files.delete(disk);
        }
    }

    @Test
    void plainSqlOfADatabaseThatIsGoneSaysThatItLacksItsGrants() throws Exception {
        String file =
                world.file("gone.sql", "pg_dump -t alembic_version -f %s shop").toString();

        RestoreWorld.Restored restored = world.restoreOf("erp", file);

        dropAll("erp%");
        assertThat(restored.findings())
                .extracting(Finding::what)
                .anyMatch(what -> what.contains("lets everybody connect"));
    }

    @Test
    void anArchiveOfAnotherEncodingIsRestoredInThatOne() throws Exception {
        world.say("postgres", "create database latin template template0 encoding 'LATIN1' locale 'C'");
        try {
            world.say("latin", "create table \"grün\" as select 'Köln' as ort");
            String file = world.file("latin.dump", "pg_dump -Fc -f %s latin").toString();

            RestoreWorld.Restored restored = world.restoreOf("shop", file);

            assertThat(ask(
                            restored.order(),
                            "select ort || pg_encoding_to_char(encoding) from \"grün\", pg_database"
                                    + " where datname = current_database()"))
                    .isEqualTo("KölnLATIN1");
        } finally {
            dropAll("latin");
        }
    }

    @Test
    void aLocaleThatTheHostDoesNotHaveRefusesAReplacementAndIsAFindingBeside() throws Exception {
        ArchivedDatabase foreign =
                new ArchivedDatabase(Map.of("ENCODING", "'LATIN1'", "LOCALE", "'xx_YY.ISO8859-1'"), null, List.of());
        DumpRestoreOrder clean = world.order(world.access(), world.input(dump, true));
        RestoreWorld.databases(world.access()).create(clean);

        assertThatThrownBy(() -> RestoreWorld.databases(world.access()).fit(clean, foreign))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.RESTORE_FAILED);
                    assertThat(failure.hint()).contains("locale -a", "lifeboat retry");
                })
                .hasMessageContaining("xx_YY.ISO8859-1");

        DumpRestoreOrder beside = world.order(world.access(), world.input(dump, false));
        RestoreWorld.databases(world.access()).create(beside);
        assertThat(RestoreWorld.databases(world.access()).fit(beside, foreign))
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .contains("xx_YY.ISO8859-1", "usual locale");
        assertThat(ask(beside, "show server_encoding")).isEqualTo("LATIN1");
    }

    /** What people do in their trouble, before they restore. */
    @Test
    void aLiveDatabaseThatWasMadeReadOnlyAndShortOfTimeIsRestoredAllTheSame() throws Exception {
        world.say(
                "postgres",
                "alter database shop set default_transaction_read_only = on",
                "alter database shop set idle_in_transaction_session_timeout = '1ms'",
                "alter database shop set lock_timeout = '1ms'");
        try {
            DumpRestoreOrder order = world.restore(dump, false);
            RestoreWorld.load(world.access()).analyze(order, BackupWorld.NOBODY);

            assertThat(RestoreWorld.checks(world.access())
                            .compare(order, BackupWorld.NOBODY)
                            .checks())
                    .extracting(Check::verdict)
                    .containsOnly(Verdict.PASS);
            assertThat(ask(order, "show default_transaction_read_only")).isEqualTo("on");
        } finally {
            world.say(
                    "postgres",
                    "alter database shop reset default_transaction_read_only",
                    "alter database shop reset idle_in_transaction_session_timeout",
                    "alter database shop reset lock_timeout");
        }
    }

    @Test
    void aSecurityLabelThatNobodyHereProvidesIsNamed() throws Exception {
        world.say(
                "postgres",
                "set allow_system_table_mods = on",
                "insert into pg_shseclabel select oid, 'pg_database'::regclass, 'nobody', 'secret' from pg_database where datname = 'shop'");
        try {
            DumpRestoreOrder order = world.order(world.access(), world.input(dump, false));

            assertThat(RestoreWorld.databases(world.access()).create(order).findings())
                    .extracting(Finding::what)
                    .anyMatch(what -> what.contains("security label for \"nobody\" on database"));
        } finally {
            world.say("postgres", "set allow_system_table_mods = on", "delete from pg_shseclabel");
        }
    }

    @Test
    void aDumpThatAVerificationDidNotFindGoodIsNotTakenWithoutAWord() throws Exception {
        new DumpDoubts(world.world.store, "main")
                .write(
                        world.access().dumps().read(dump).toDump(null),
                        "restore-verification/main@r1",
                        "r1",
                        Instant.now(),
                        List.of(Check.of("archive is whole", "9 bytes", "8 bytes", false)));
        try {
            RestoreFactsReader reader = new RestoreFactsReader(world.access(), List.of());

            assertThat(reader.read(DumpRestorePlanning.query(world.input("latest", false)))
                            .doubts())
                    .containsOnlyKeys(dump);
            assertThat(new PostgresCatalogActivitiesImpl(world.access()).listBackups("main"))
                    .filteredOn(backup -> backup.id().equals(dump))
                    .singleElement()
                    .satisfies(backup -> assertThat(backup.doubt()).contains("archive is whole: 8 bytes"));
        } finally {
            world.world
                    .store
                    .list(BucketLayout.dumpDoubts("main", dump))
                    .forEach(each -> world.world.store.delete(each.key()));
        }
    }

    private static void dropAll(String like) throws Exception {
        for (String name : world.databases(like)) {
            world.say("postgres", "drop database \"%s\" with (force)".formatted(name));
        }
    }

    /** Two copies of the same rows may take different room. */
    private static DatabaseFacts withoutSizes(DatabaseFacts facts, DumpRestoreOrder order) throws Exception {
        DatabaseFacts restored = world.facts(order.plan().restored());
        return new DatabaseFacts(
                facts.tables(),
                facts.extensions(),
                facts.sequences(),
                restored.largest(),
                facts.revisions(),
                facts.largeObjects());
    }

    private static Path spool() {
        return new RestorePlace(world.access(), "shop").spool().folder();
    }

    private static String ask(DumpRestoreOrder order, String sql) throws Exception {
        try (var connection = world.connect(order.plan().restored());
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "no row";
        }
    }
}
