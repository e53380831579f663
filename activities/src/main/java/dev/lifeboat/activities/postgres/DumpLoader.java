package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Format;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Loads a dump that lies on the disk into an empty database, with the programs of one PostgreSQL installation. */
final class DumpLoader {

    private static final Duration LISTING = Duration.ofMinutes(10);
    private static final int LAST_WORDS = 40;

    /**
     * Only the sessions of this program get these settings; nothing of the server is changed. Memory for indexes is left to the
     * server: more of it made loading slower where it was measured (docs/performance.md).
     */
    private static final String SESSION_SETTINGS = "-c synchronous_commit=off -c statement_timeout=0 -c lock_timeout=0"
            + " -c idle_in_transaction_session_timeout=0"
            // A live database that was made read only in its trouble hands that on to its copy.
            + " -c default_transaction_read_only=off";

    private final Path binDirectory;
    private final ServerUser user;
    private final Target target;

    /** @param user who the programs run as */
    DumpLoader(Path binDirectory, ServerUser user, Target target) {
        this.binDirectory = binDirectory;
        this.user = user;
        this.target = target;
    }

    /**
     * Where it is loaded to.
     *
     * @param host        an address, or the folder of a socket
     * @param environment what the programs need besides, for example the password
     */
    record Target(String host, int port, String user, String database, Map<String, String> environment) {

        Map<String, String> variables() {
            Map<String, String> all = new HashMap<>(environment);
            all.put("PGHOST", host);
            all.put("PGPORT", Integer.toString(port));
            all.put("PGUSER", user);
            all.put("PGDATABASE", database);
            all.put("PGAPPNAME", "lifeboat");
            all.put("PGCONNECT_TIMEOUT", "10");
            all.put("LC_ALL", "C");
            return all;
        }
    }

    /**
     * @param jobs       how many connections load at once, where the format can
     * @param owners     whether owners and grants are restored; else everything belongs to whoever loads, without grants
     * @param tablespaces whether objects go to the tablespaces of the dump
     * @param tables     only these, with schema or without; empty for all
     */
    record Options(int jobs, boolean owners, boolean tablespaces, List<String> tables) {}

    /** What an archive holds; not for plain SQL. */
    DumpContents contents(DumpSpool.Spooled dump) {
        return DumpContents.parse(pgRestore(List.of("--list", dump.path().toString())));
    }

    /** What an archive says of the database itself; nothing where it says none, as plain SQL. */
    ArchivedDatabase database(DumpSpool.Spooled dump, Path scratch) throws IOException {
        if (dump.bytes().format() == Format.SQL) {
            return ArchivedDatabase.UNKNOWN;
        }
        String archive = dump.path().toString();
        List<String> entries = ArchivedDatabase.entries(pgRestore(List.of("--create", "--list", archive)));
        if (entries.isEmpty()) {
            return ArchivedDatabase.UNKNOWN;
        }
        Path list = scratch(scratch, "database.list", entries);
        return ArchivedDatabase.parse(
                pgRestore(List.of("--create", "--use-list", list.toString(), "--file", "-", archive)));
    }

    /**
     * The roles that objects belong to or are granted to, and that are none of these.
     *
     * @param owners that objects can be given to
     * @param roles  that something can be granted to
     */
    Set<String> missingRoles(
            DumpSpool.Spooled dump,
            DumpContents contents,
            Collection<String> owners,
            Collection<String> roles,
            Path scratch)
            throws IOException {
        Set<String> missing = new TreeSet<>(contents.missingOwners(owners));
        List<String> grants = contents.grants();
        if (!grants.isEmpty()) {
            Path list = scratch(scratch, "grants.list", grants);
            String sql = pgRestore(List.of(
                    "--use-list", list.toString(), "--file", "-", dump.path().toString()));
            missing.addAll(DumpContents.missingGrantees(sql, roles));
        }
        return missing;
    }

    /**
     * Loads it and returns when every statement of it succeeded.
     *
     * @param scratch a folder for small files
     * @throws RecoveryFailure RESTORE_FAILED with the first error; COMMAND_FAILED or DATABASE_UNREACHABLE where another attempt
     *     may succeed
     */
    void load(DumpSpool.Spooled dump, DumpContents contents, Options options, Path scratch, Watch watch)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(program("pg_restore"));
        command.addAll(List.of("--dbname", target.database(), "--no-password", "--exit-on-error", "--verbose"));
        // Beside the publisher's own subscriber it would drain the slot of the live database.
        command.add("--no-subscriptions");
        boolean parallel = dump.bytes().format() != Format.TAR && options.jobs() > 1;
        if (parallel) {
            command.addAll(List.of("--jobs", Integer.toString(options.jobs())));
        }
        if (!options.owners()) {
            command.addAll(List.of("--no-owner", "--no-privileges"));
        }
        if (!options.tablespaces()) {
            command.add("--no-tablespaces");
        }
        if (!options.tables().isEmpty()) {
            Path list = scratch(scratch, "tables.list", contents.selection(options.tables()));
            command.addAll(List.of("--use-list", list.toString()));
        }
        command.add(dump.path().toString());
        run(command, contents.tablesWithData(), watch);
    }

    /**
     * Runs plain SQL in one transaction.
     *
     * @throws RecoveryFailure DUMP_UNUSABLE where it has commands of psql in it that could leave the database or run programs
     */
    void loadSql(DumpSpool.Spooled dump, Watch watch) throws IOException, InterruptedException {
        SqlDump.requireHarmless(dump.path());
        run(
                List.of(
                        program("psql"),
                        "-X",
                        "-q",
                        "-w",
                        "-v",
                        "ON_ERROR_STOP=1",
                        "--single-transaction",
                        "-o",
                        "/dev/null",
                        "-f",
                        dump.path().toString()),
                0,
                watch);
    }

    /** Fresh statistics for the planner, of every table that this role may look at. */
    void analyze(int jobs, Watch watch) throws IOException, InterruptedException {
        run(
                List.of(
                        program("vacuumdb"),
                        "--analyze-only",
                        "--no-password",
                        "--jobs",
                        Integer.toString(Math.max(1, jobs)),
                        "--dbname",
                        target.database()),
                0,
                watch);
    }

    private String program(String name) {
        return binDirectory.resolve(name).toString();
    }

    private String pgRestore(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(program("pg_restore")));
        command.addAll(arguments);
        Commands.Result result = Commands.run(user, command, Map.of(), LISTING);
        if (!result.succeeded()) {
            throw RestoreWords.ended(
                    "pg_restore", result.exitCode(), List.of(result.errors().split("\\R")), target.database());
        }
        return result.output();
    }

    private Path scratch(Path folder, String name, List<String> lines) throws IOException {
        FileTrees.makePrivate(folder, user);
        Path file = folder.resolve(name);
        FileTrees.replace(file, String.join("\n", lines) + "\n", user);
        return file;
    }

    private void run(List<String> command, long tables, Watch watch) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(user.command(command));
        builder.directory(Path.of("/").toFile());
        builder.environment().putAll(target.variables());
        builder.environment().put("PGOPTIONS", SESSION_SETTINGS);
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectErrorStream(true);
        Transcript.note("runs: " + ShellWords.of(command));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new RecoveryFailure(
                    FailureCode.MISSING_BINARY,
                    "cannot run %s: %s".formatted(command.get(0), e.getMessage()),
                    "check bin-directory in lifeboat.yaml",
                    e);
        }
        List<String> said = new ArrayList<>();
        try (ProcessGuard guard = new ProcessGuard(process, watch);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            follow(lines, said, tables, watch);
            watch.check();
            int exit = process.waitFor();
            Transcript.quote("it exited with " + exit, String.join("\n", said));
            if (exit != 0) {
                throw RestoreWords.ended(
                        Path.of(command.get(0)).getFileName().toString(), exit, said, target.database());
            }
        }
    }

    private static void follow(BufferedReader lines, List<String> said, long tables, Watch watch) throws IOException {
        long done = 0;
        String line;
        while ((line = lines.readLine()) != null) {
            watch.check();
            if (line.contains("processing data for table")) {
                done++;
                watch.progress(new Progress("loading", done, tables, "tables"));
            } else if (line.contains("creating ") && line.contains("INDEX")) {
                watch.progress(new Progress("building indexes", done, tables, "tables"));
            }
            said.add(line);
            if (said.size() > 20_000) {
                said.subList(LAST_WORDS, 10_000).clear();
            }
        }
    }

    /** For the step table. */
    static String words(DumpSpool.Spooled dump, Options options) {
        return "%s, %s"
                .formatted(
                        Bytes.text(dump.size()),
                        dump.bytes().format() == Format.TAR || dump.bytes().format() == Format.SQL
                                ? "1 job"
                                : ReportWords.count(options.jobs(), "job", "jobs"));
    }
}
