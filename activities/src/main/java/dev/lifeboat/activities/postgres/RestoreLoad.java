package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreOrder;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Kind;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Format;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Brings a dump into the new database of its restore. */
final class RestoreLoad {

    private static final List<String> PROGRAMS = List.of("pg_restore", "psql", "vacuumdb");
    private static final long SPARE = 256L << 20;

    private final ClusterAccess access;
    private final RestoreFactsReader sources;
    private final RestoreDatabases databases;

    RestoreLoad(ClusterAccess access, RestoreFactsReader sources, RestoreDatabases databases) {
        this.access = access;
        this.sources = sources;
        this.databases = databases;
    }

    StepOutcome checkRoom(DumpRestoreOrder order) throws IOException {
        for (String program : PROGRAMS) {
            if (!Files.isExecutable(access.cluster().binary(program))) {
                throw new RecoveryFailure(
                        FailureCode.MISSING_BINARY,
                        "cannot restore without %s: there is no such program"
                                .formatted(access.cluster().binary(program)),
                        "name the right bin-directory in lifeboat.yaml, or install the client programs");
            }
        }
        long spool = order.plan().source().plainBytes();
        long data = order.plan().source().databaseBytes();
        Path folder = place(order).spool().folder();
        Path server = databases.placeOf(order.plan());
        if (store(folder).equals(store(server))) {
            requireRoom(server, spool + data, "archive and database");
        } else {
            requireRoom(folder, spool, "archive");
            requireRoom(server, data, "database");
        }
        return StepOutcome.of(
                "about %s for the archive, %s for the database".formatted(Bytes.text(spool), Bytes.text(data)),
                access.workerName());
    }

    private static void requireRoom(Path where, long bytes, String what) throws IOException {
        long free = store(where).getUsableSpace();
        if (free < bytes + SPARE) {
            throw new RecoveryFailure(
                    FailureCode.TOO_LITTLE_SPACE,
                    "cannot restore to the disk of %s: %s take about %s, and %s are free"
                            .formatted(where, what, Bytes.text(bytes), Bytes.text(free)),
                    "free space there; the archive goes to the spool-directory of lifeboat.yaml, where one is named");
        }
    }

    private static FileStore store(Path where) throws IOException {
        Path there = where;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return Files.getFileStore(there);
    }

    StepOutcome load(DumpRestoreOrder order, Watch watch) throws IOException, InterruptedException {
        RestorePlace place = place(order);
        DumpRestorePlan plan = order.plan();
        access.leases().check(order.fence());
        RestoreNote note = place.note(order).orElseThrow(() -> lost(plan));
        if (note.loaded()) {
            place.spool().clear();
            return StepOutcome.of("was loaded already", access.workerName());
        }
        long begin = System.nanoTime();
        DumpSpool.Spooled dump =
                place.spool().fetch(sources.source(plan.source().choice()), watch);
        long fetched = System.nanoTime();
        watch.check();
        DumpLoader loader = new DumpLoader(access.cluster().binDirectory(), new ServerUser(null), target(plan));
        ArchivedDatabase archived = loader.database(dump, place.spool().folder());
        // What another attempt has loaded cannot be gone on with; its pg_restore may outlive a killed worker.
        List<Finding> findings = new ArrayList<>(databases.fit(order, archived));
        access.leases().check(order.fence());
        DumpLoader.Options options = new DumpLoader.Options(plan.jobs(), true, true, plan.tables());
        if (dump.bytes().format() == Format.SQL) {
            loader.loadSql(dump, watch);
        } else {
            options = loadArchive(loader, dump, plan, options, findings, watch);
        }
        findings.addAll(databases.carryOver(plan, archived));
        place.write(place.note(order).orElseThrow(() -> lost(plan)).whole());
        place.spool().clear();
        return StepOutcome.of(
                        "%s, %s to fetch and check, %s to load"
                                .formatted(
                                        DumpLoader.words(dump, options),
                                        seconds(begin, fetched),
                                        seconds(fetched, System.nanoTime())),
                        access.workerName())
                .withFindings(findings);
    }

    private DumpLoader.Options loadArchive(
            DumpLoader loader,
            DumpSpool.Spooled dump,
            DumpRestorePlan plan,
            DumpLoader.Options wanted,
            List<Finding> findings,
            Watch watch)
            throws IOException, InterruptedException {
        DumpContents contents = loader.contents(dump);
        List<String> unknown = contents.unknown(plan.tables());
        if (!unknown.isEmpty()) {
            throw new RecoveryFailure(
                    FailureCode.DUMP_UNUSABLE,
                    "cannot restore the tables %s: they are not in %s"
                            .formatted(String.join(", ", unknown), plan.source().address()),
                    "'pg_restore --list' of it shows what is; start again with other --tables");
        }
        Path scratch = place(plan).spool().folder();
        Set<String> missing = loader.missingRoles(
                dump,
                contents,
                roles(plan, "select rolname from pg_roles where pg_has_role(oid, 'MEMBER')"),
                roles(plan, "select rolname from pg_roles"),
                scratch);
        DumpLoader.Options options = wanted;
        if (!missing.isEmpty()) {
            if (plan.clean()) {
                throw new RecoveryFailure(
                        FailureCode.ROLES_MISSING,
                        "cannot put %s into the place of %s: what is in the dump belongs or is granted to roles that %s does not have, or that its login is no member of: %s"
                                .formatted(
                                        plan.restored(), plan.database(), plan.cluster(), String.join(", ", missing)),
                        "make the roles%s; then 'lifeboat retry'".formatted(globals(plan)));
            }
            options = new DumpLoader.Options(wanted.jobs(), false, wanted.tablespaces(), wanted.tables());
            findings.add(new Finding(
                    "medium",
                    "everything in %s belongs to %s and is granted to nobody: the dump names roles that %s does not have, or that its login is no member of: %s"
                            .formatted(
                                    plan.restored(),
                                    access.cluster().user(),
                                    plan.cluster(),
                                    String.join(", ", missing)),
                    "make the roles%s, and restore once more where owners matter".formatted(globals(plan))));
        }
        if (contents.has("SUBSCRIPTION")) {
            findings.add(new Finding(
                    "medium",
                    "the subscriptions of the dump are not restored: they would take what the live database waits for",
                    "make them anew where the restored database is to be fed"));
        }
        loader.load(dump, contents, options, scratch, watch);
        return options;
    }

    StepOutcome analyze(DumpRestoreOrder order, Watch watch) throws IOException, InterruptedException {
        access.leases().check(order.fence());
        new DumpLoader(access.cluster().binDirectory(), new ServerUser(null), target(order.plan()))
                .analyze(order.plan().jobs(), watch);
        return StepOutcome.of("", access.workerName());
    }

    DumpLoader.Target target(DumpRestorePlan plan) {
        return new DumpLoader.Target(
                access.cluster().host(),
                access.cluster().port(),
                access.cluster().user(),
                plan.restored(),
                access.password()
                        .map(password -> Map.of("PGPASSWORD", password))
                        .orElse(Map.of()));
    }

    /** A superuser is a member of all. */
    private List<String> roles(DumpRestorePlan plan, String sql) {
        return RestoreSession.beside(
                access, List.of(plan.restored()), connection -> RestoreSession.column(connection, sql));
    }

    private String globals(DumpRestorePlan plan) {
        if (plan.source().choice().kind() != Kind.DUMP) {
            return "";
        }
        String key =
                access.dumps().read(plan.source().choice().name()).globals().key();
        return ", which stand in " + access.store().addressOf(key);
    }

    private static RecoveryFailure lost(DumpRestorePlan plan) {
        return new RecoveryFailure(
                FailureCode.UNEXPECTED_STATE,
                "cannot go on with %s: the note of this run about it is gone".formatted(plan.restored()),
                "abort the run and start again");
    }

    private static String seconds(long from, long to) {
        return "%.1fs".formatted((to - from) / 1e9);
    }

    private RestorePlace place(DumpRestoreOrder order) {
        return place(order.plan());
    }

    private RestorePlace place(DumpRestorePlan plan) {
        return new RestorePlace(access, plan.database());
    }
}
