package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreOrder;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.dumprestore.DumpChoice;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreInput;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestorePlanning;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A database with something of everything that dumps carry, and dumps of it made by {@code pg_dump} as a person would. */
final class RestoreWorld {

    private static final String[] FILLING = {
        "create role shop_owner",
        "create role reader",
        "create schema shop authorization shop_owner",
        "create table orders (id bigserial primary key, text text not null)",
        "insert into orders (text) select repeat('x', n % 90) from generate_series(1, 5000) n",
        "create index on orders (text)",
        "create table shop.items (id int primary key, order_id bigint references orders (id), price numeric)",
        "insert into shop.items select n, n, n * 1.5 from generate_series(1, 300) n",
        "alter table shop.items owner to shop_owner",
        "grant select on orders to reader",
        "create table parts (day date not null, n int) partition by range (day)",
        "create table parts_2026 partition of parts for values from ('2026-01-01') to ('2027-01-01')",
        "insert into parts values ('2026-02-15', 1), ('2026-02-16', 2)",
        "create materialized view sums as select count(*) as n from orders",
        "create table alembic_version (version_num varchar(32) primary key)",
        "insert into alembic_version values ('7f3a')",
        "select lo_from_bytea(0, 'a large object')",
        "alter database shop set search_path = shop, \"$user\", public",
        "alter role reader in database shop set statement_timeout = '12s'",
        "revoke all on database shop from public",
        "grant connect on database shop to reader",
        "alter database shop connection limit 77",
        "comment on database shop is 'where orders''s rows are'"
    };

    final BackupWorld world;
    private int runs;
    private int dumps;

    RestoreWorld(BackupWorld world) {
        this.world = world;
    }

    static RestoreWorld start(String settings) throws IOException {
        BackupWorld world = BackupWorld.start(settings);
        world.server.execute(FILLING);
        return new RestoreWorld(world);
    }

    LabPostgres server() {
        return world.server;
    }

    ClusterAccess access() {
        return world.access();
    }

    ClusterAccess access(Leases leases) {
        return new ClusterAccess(server().config(), world.store, leases, Map.of(), "1@here");
    }

    /** A dump of the live database in the bucket, with its manifest; returns its ID. */
    String dump() throws Exception {
        return HandMadeDump.take(
                server(), world.folder, Instant.parse("2026-02-15T02:00:00Z").plusSeconds(++dumps), world.store::put);
    }

    /** Runs a shell command as a person would, which writes the file that is its first {@code %s}. */
    Path file(String name, String command) throws IOException {
        Path file = world.folder.resolve(name);
        Commands.require(
                new ServerUser(null),
                List.of("sh", "-ec", "PATH=%s:$PATH; ".formatted(server().binDirectory()) + command.formatted(file)),
                access().clientEnvironment(),
                Duration.ofMinutes(1));
        return file;
    }

    DatabaseFacts facts(String database) throws Exception {
        return HandMadeDump.facts(server(), database);
    }

    Connection connect(String database) throws Exception {
        return DriverManager.getConnection(server().jdbcUrl(database), server().user(), server().password());
    }

    String ask(String sql) {
        return String.valueOf(server().query(sql));
    }

    List<String> databases(String like) {
        String names =
                ask("select coalesce(string_agg(datname, ','), '') from pg_database where datname like '" + like + "'");
        return names.isEmpty() ? List.of() : List.of(names.split(","));
    }

    DumpRestoreInput input(String backup, boolean clean) {
        return input(backup, clean, null, List.of(), true);
    }

    DumpRestoreInput input(String backup, boolean clean, @Nullable String into, List<String> tables, boolean allowSql) {
        return input("shop", backup, clean, into, tables, allowSql);
    }

    private DumpRestoreInput input(
            String database,
            String backup,
            boolean clean,
            @Nullable String into,
            List<String> tables,
            boolean allowSql) {
        RunRequest request = new RunRequest(
                "ana", "", true, false, new Objectives(Duration.ofHours(2), Duration.ofHours(24)), Map.of());
        return new DumpRestoreInput(request, "main", database, backup, into, clean, 2, tables, false, allowSql);
    }

    /** What the workflow would decide on facts read now. */
    DumpRestoreOrder order(ClusterAccess access, DumpRestoreInput input) throws Exception {
        RestoreFactsReader reader = new RestoreFactsReader(access, List.of());
        var facts = reader.read(DumpRestorePlanning.query(input));
        var planned = DumpRestorePlanning.decide(
                input,
                facts,
                reader.inspect(DumpChoice.choose(input, facts), input.tables(), BackupWorld.NOBODY),
                Instant.now().plusSeconds(++runs));
        if (!planned.refusals().isEmpty()) {
            throw planned.refusals().get(0);
        }
        DumpRestorePlan plan = java.util.Objects.requireNonNull(planned.plan());
        return new DumpRestoreOrder(plan, new Fence("main", runs, "run-" + runs));
    }

    /** Beside, of any database, up to the loaded copy; with what both steps found. */
    Restored restoreOf(String database, String backup) throws Exception {
        DumpRestoreOrder order = order(access(), input(database, backup, false, null, List.of(), true));
        List<Finding> findings =
                new ArrayList<>(databases(access()).create(order).findings());
        findings.addAll(load(access()).load(order, BackupWorld.NOBODY).findings());
        return new Restored(order, findings);
    }

    record Restored(DumpRestoreOrder order, List<Finding> findings) {

        String name() {
            return order.plan().restored();
        }
    }

    /** In a database of any name. */
    void say(String database, String... statements) throws Exception {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** Each provider of locales that this build of the server has, the rarest last. */
    static List<String> locales(LabPostgres server) {
        List<String> known = new ArrayList<>(List.of("lc_collate 'C' lc_ctype 'C.UTF-8'"));
        int version = Integer.parseInt(String.valueOf(server.query("show server_version_num")));
        String rules = version >= 160_000 ? " icu_rules '&a < ''b'''" : "";
        if (version >= 170_000) {
            known.add("lc_collate 'C' lc_ctype 'C' locale_provider builtin builtin_locale 'C.UTF-8'");
        }
        if (!"0".equals(server.query("select count(*)::text from pg_collation where collname like '%-x-icu'"))) {
            known.add("lc_collate 'C' lc_ctype 'C' locale_provider icu icu_locale 'de-u-co-phonebk'" + rules);
        }
        return known;
    }

    /** Everything that belongs to a database and is not in it. */
    String properties(String database) {
        return ask(
                """
                select concat_ws(' ', datacl, datconnlimit, datdba::regrole, encoding, datcollate, datctype,
                  coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'), to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale',
                  to_jsonb(d) ->> 'daticurules', (select spcname from pg_tablespace t where t.oid = dattablespace),
                  shobj_description(oid, 'pg_database'),
                  (select string_agg(setrole::regrole || ' ' || setconfig::text, ' ' order by setrole) from pg_db_role_setting
                    where setdatabase = d.oid))
                from pg_database d where datname = '%s'"""
                        .formatted(database));
    }

    /** Up to the loaded copy. */
    DumpRestoreOrder restore(String backup, boolean clean) throws Exception {
        DumpRestoreOrder order = order(access(), input(backup, clean));
        databases(access()).create(order);
        load(access()).load(order, BackupWorld.NOBODY);
        return order;
    }

    static RestoreDatabases databases(ClusterAccess access) {
        return new RestoreDatabases(access);
    }

    static RestoreLoad load(ClusterAccess access) {
        return new RestoreLoad(access, new RestoreFactsReader(access, List.of()), databases(access));
    }

    static RestoreChecks checks(ClusterAccess access) {
        return new RestoreChecks(
                access, LiveContext.of(access.cluster(), access.leases(), access.environment(), access.workerName()));
    }
}
