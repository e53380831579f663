package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One attempt of one step of a verification, alone in its workspace. What earlier ones have done, notes there tell. */
final class VerificationAttempt implements AutoCloseable {

    private static final String ROLES = "roles";
    private static final String LOADED = "loaded";
    private static final int MOST_JOBS = 8;
    static final String RESTORED = "dump can be restored";
    private static final String TOOK_TIME = "restore took time";

    private final ClusterAccess access;
    private final VerificationPlan plan;
    private final DumpManifest manifest;
    private final RecoveryWorkspace workspace;
    private final WorkspaceLock lock;
    private final Watch watch;
    private final CopyLogs logs;
    private final ThrowawayServer server;

    VerificationAttempt(
            ClusterAccess access,
            VerificationPlan plan,
            DumpManifest manifest,
            RecoveryWorkspace workspace,
            WorkspaceLock lock,
            Watch watch) {
        this.access = access;
        this.plan = plan;
        this.manifest = manifest;
        this.workspace = workspace;
        this.lock = lock;
        this.watch = watch;
        this.logs = CopyLogs.from(workspace.logs());
        this.server = new ThrowawayServer(
                access.cluster(),
                Path.of(plan.binDirectory()),
                workspace,
                manifest.facts().extensions());
    }

    record Globals(String detail, List<Check> checks, List<Finding> findings) {}

    record Loaded(boolean loaded, String detail, List<Check> checks, List<Finding> findings) {}

    /** What a finished load leaves for the attempts after it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record LoadedNote(int format, String dump, long millis, long bytes, int jobs) {}

    DumpManifest manifest() {
        return manifest;
    }

    ThrowawayServer server() {
        return server;
    }

    Path copy() {
        return workspace.copy();
    }

    Path root() {
        return workspace.root();
    }

    DumpSpool spool(String name) {
        return new DumpSpool(workspace.root().resolve(name), workspace.user());
    }

    VerificationDatabase database() {
        return new VerificationDatabase(access.cluster(), manifest, server, watch);
    }

    String start() throws InterruptedException {
        return server.ensure(watch);
    }

    Globals globals() throws InterruptedException {
        start();
        if (workspace.has(ROLES)) {
            return new Globals("restored before", List.of(), List.of());
        }
        DumpManifest.Stored globals = manifest.globals();
        String address = access.store().addressOf(globals.key());
        try {
            List<Finding> refused = new VerificationGlobals(server, workspace)
                    .restore(access.data().read(globals.key(), globals.sha256()));
            workspace.write(ROLES, "");
            return new Globals("roles of " + address, List.of(), refused);
        } catch (IOException e) {
            return unreadable(address, String.valueOf(e.getMessage()));
        } catch (RecoveryFailure e) {
            if (VerificationArchive.isAnswer(e)) {
                return unreadable(address, String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private static Globals unreadable(String address, String why) {
        return new Globals(
                "not restored", List.of(Check.of("globals are whole", "as the manifest notes", why, false)), List.of());
    }

    /** @throws RecoveryFailure RESTORE_FAILED where it was restored before and now cannot be any more */
    void requireLoaded() throws InterruptedException {
        Loaded loaded = load();
        if (!loaded.loaded()) {
            throw new RecoveryFailure(
                    FailureCode.RESTORE_FAILED,
                    "the dump %s could be restored a moment ago, and cannot now: %s"
                            .formatted(plan.dump().id(), loaded.detail()),
                    "look at the log of the step, then 'lifeboat retry' or 'lifeboat abort'");
        }
    }

    Loaded load() throws InterruptedException {
        Globals globals = globals();
        try {
            Optional<LoadedNote> before = loadedBefore();
            if (before.isPresent()) {
                start();
                return done(before.get(), globals.findings(), true);
            }
            return loadAnew(globals);
        } catch (IOException e) {
            throw FileTrees.failed("restore the dump " + plan.dump().id(), e);
        }
    }

    private Loaded loadAnew(Globals globals) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        watch.progress(new Progress("fetching the dump", 0, manifest.archive().storedBytes(), "bytes"));
        DumpSpool spool = spool("spool");
        VerificationArchive.Fetched fetched = new VerificationArchive(manifest, watch).fetch(access, spool);
        Optional<DumpSpool.Spooled> found = fetched.found();
        if (found.isEmpty()) {
            return new Loaded(
                    false,
                    "the archive is damaged",
                    List.of(fetched.check(), notRestored("the archive is damaged")),
                    List.of());
        }
        int jobs = Math.max(1, Math.min(MOST_JOBS, Runtime.getRuntime().availableProcessors()));
        List<Finding> refused;
        try {
            refused = restore(found.get(), jobs);
        } catch (RecoveryFailure e) {
            if (e.code() != FailureCode.RESTORE_FAILED && e.code() != FailureCode.DUMP_UNUSABLE) {
                throw e;
            }
            return new Loaded(
                    false,
                    "it cannot be restored",
                    List.of(fetched.check(), notRestored(String.valueOf(e.getMessage()))),
                    List.of(new Finding("high", String.valueOf(e.getMessage()), e.hint())));
        }
        LoadedNote note = new LoadedNote(
                1,
                plan.dump().id(),
                (System.nanoTime() - begin) / 1_000_000,
                manifest.archive().bytes(),
                jobs);
        workspace.write(LOADED, new String(Json.write(note), StandardCharsets.UTF_8));
        spool.clear();
        List<Finding> findings = new ArrayList<>(globals.findings());
        findings.addAll(refused);
        return done(note, findings, false);
    }

    private static Check notRestored(String why) {
        return Check.of(RESTORED, "every statement succeeds", why, false);
    }

    private Loaded done(LoadedNote note, List<Finding> findings, boolean before) {
        Duration took = Duration.ofMillis(note.millis());
        Check whole = Check.of(
                VerificationArchive.CHECK,
                "%d bytes as in the manifest".formatted(manifest.archive().storedBytes()),
                "read and unpacked, size and SHA-256 as in the manifest",
                true);
        return new Loaded(
                true,
                "%s in %s with %s%s"
                        .formatted(
                                Bytes.text(note.bytes()),
                                ReportWords.duration(took),
                                ReportWords.count(note.jobs(), "job", "jobs"),
                                before ? ", restored before" : ""),
                List.of(
                        whole,
                        Check.of(RESTORED, "every statement succeeds", "every statement succeeded", true),
                        Check.of(TOOK_TIME, "more than 0s", ReportWords.duration(took), note.millis() > 0)),
                findings);
    }

    private Optional<LoadedNote> loadedBefore() throws IOException {
        if (!workspace.has(LOADED)) {
            return Optional.empty();
        }
        LoadedNote note = Json.read(
                workspace.read(LOADED).getBytes(StandardCharsets.UTF_8),
                LoadedNote.class,
                workspace.note(LOADED).toString());
        return Optional.of(note).filter(each -> each.dump().equals(plan.dump().id()));
    }

    /** What a killed attempt has loaded goes first. The archive knows the provider of its locale, the manifest does not. */
    private void createDatabase(ArchivedDatabase archived) {
        String name = quoted(manifest.database());
        String options = archived.options().isEmpty()
                ? " encoding %s lc_collate %s lc_ctype %s"
                        .formatted(
                                literal(manifest.encoding()),
                                literal(manifest.collation()),
                                literal(manifest.characterClass()))
                : archived.clause();
        try (Connection connection = server.connect(CopySession.ANY_DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute("drop database if exists " + name + " with (force)");
            statement.execute("create database " + name + " template template0" + options);
        } catch (SQLException e) {
            if (e.getSQLState() == null
                    || e.getSQLState().startsWith("08")
                    || e.getSQLState().startsWith("57")) {
                throw VerificationDatabase.failed("make the database " + manifest.database(), e);
            }
            throw new RecoveryFailure(
                    FailureCode.RESTORE_FAILED,
                    "cannot make the database %s with%s: %s"
                            .formatted(
                                    manifest.database(), options, LiveServer.firstLine(String.valueOf(e.getMessage()))),
                    "a host that is to restore this dump needs that locale: see 'locale -a'",
                    e);
        }
    }

    /** @return what the server refused of the database's own settings */
    private List<Finding> restore(DumpSpool.Spooled dump, int jobs) throws IOException, InterruptedException {
        DumpLoader loader = new DumpLoader(
                server.cluster().binDirectory(),
                workspace.user(),
                new DumpLoader.Target(
                        server.socketFolder().toString(),
                        server.port(),
                        ThrowawayServer.SUPERUSER,
                        manifest.database(),
                        Map.of()));
        Path scratch = workspace.root().resolve("scratch");
        ArchivedDatabase archived = loader.database(dump, scratch);
        createDatabase(archived);
        loader.load(dump, loader.contents(dump), new DumpLoader.Options(jobs, true, false, List.of()), scratch, watch);
        watch.progress(new Progress("gathering statistics", 0, 0, "tables"));
        loader.analyze(jobs, watch);
        return settings(archived.harmlessSettings());
    }

    /** A query that finds its tables by the database's own search path must find them in the copy too. */
    private List<Finding> settings(ArchivedDatabase settings) {
        try (Connection connection = server.connect(CopySession.ANY_DATABASE)) {
            // With the note of the load the next attempt relies on it, should this server die in the next second.
            RestoreSession.execute(connection, "set synchronous_commit = on");
            List<String> refused = DatabaseProperties.say(connection, settings, manifest.database());
            return refused.isEmpty()
                    ? List.of()
                    : List.of(new Finding(
                            "low",
                            "the restored copy lacks settings of its database: " + String.join("; ", refused),
                            "a sample query that needs them is red for that reason alone"));
        } catch (SQLException e) {
            throw VerificationDatabase.failed("give %s its settings".formatted(manifest.database()), e);
        }
    }

    void keep(KeptServer kept) {
        try (Connection connection = server.connect(CopySession.ANY_DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute("checkpoint");
        } catch (SQLException e) {
            throw VerificationDatabase.failed("write a checkpoint", e);
        }
        kept.write(workspace);
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    @Override
    public void close() {
        logs.quoteNew();
        lock.close();
    }
}
