package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Starts a copy beside the live cluster on its own port, with its original access rules and addresses. It stays the
 * owner's: everything it needs is in its directory, so that {@code pg_ctl} alone starts it again.
 */
final class CopyOpening {

    private static final String MARK = "# Written by Lifeboat: this is a copy beside the original cluster.";
    /** In the copy itself: the workspace goes, and the copy is to need nothing else. */
    static final String LOG = "lifeboat-start.log";

    private static final Duration TO_START = Duration.ofSeconds(120);

    private final LiveContext context;
    private final LiveDatabase database;

    CopyOpening(LiveContext context) {
        this.context = context;
        this.database = new LiveDatabase(context);
    }

    StepOutcome open(RecoveryOrder order) {
        context.mayChange(order);
        RecoveryWorkspace workspace = new RecoveryWorkspace(order.plan().directories(), context.user());
        CopyLogs logs = CopyLogs.from(workspace.copy());
        try {
            return open(order, workspace);
        } finally {
            logs.quoteNew();
        }
    }

    private StepOutcome open(RecoveryOrder order, RecoveryWorkspace workspace) {
        Path copy = workspace.copy();
        int port = order.plan().directories().port();
        String how = "found running";
        List<Finding> findings = new ArrayList<>();
        if (ServerProcesses.postmaster(copy).isEmpty()) {
            try {
                bringConfiguration(workspace);
                settle(copy, port);
                anchorIncludes(copy);
                new PreparedTransactions(
                                context.user(), copy, List.of(context.binary("postgres"), "-D", copy.toString()))
                        .makeRoom()
                        .ifPresent(findings::add);
            } catch (IOException e) {
                throw FileTrees.failed("prepare " + copy + " for its start", e);
            }
            requireItself(copy);
            start(copy, copy.resolve(LOG));
            how = "started";
        }
        Path log = copy.resolve(LOG);
        boolean up = Waiting.until(
                TO_START,
                () -> ServerProcesses.postmaster(copy).isEmpty()
                        || database.tryLogin(port).accepted());
        if (!up || ServerProcesses.postmaster(copy).isEmpty()) {
            String said = ServerProcesses.postmaster(copy).isEmpty()
                    ? LiveStopStart.tail(log)
                    : "it does not accept logins on port %d: %s"
                            .formatted(port, database.tryLogin(port).message());
            throw StartDiagnosis.of(copy, said, context.user().name(), log);
        }
        String address = context.cluster().host() + ":" + port;
        return context.outcome("%s in %s, accepts logins at %s; archiving is off".formatted(how, copy, address))
                .withChecks(List.of(Check.of("the copy accepts logins at " + address, "login", "login", true)))
                .withFindings(findings);
    }

    /** Where the original's files lie outside of its data directory, those of the backup move into the copy. */
    private void bringConfiguration(RecoveryWorkspace workspace) throws IOException {
        Path from = workspace.config();
        if (!Files.isDirectory(from)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path to = workspace.copy().resolve(from.relativize(file).toString());
                if (file.endsWith(CopyConfiguration.ANCHORED)) {
                    continue;
                }
                if (Files.isDirectory(file)) {
                    FileTrees.makePrivate(to, context.user());
                } else if (!Files.exists(to)) {
                    FileTrees.replace(to, Files.readString(file, StandardCharsets.UTF_8), context.user());
                }
            }
        }
    }

    private void settle(Path copy, int port) throws IOException {
        append(copy.resolve("postgresql.conf"), places(copy));
        append(copy.resolve("postgresql.auto.conf"), role(port));
    }

    private void anchorIncludes(Path copy) throws IOException {
        Path file = copy.resolve("postgresql.conf");
        String text = Files.readString(file, StandardCharsets.UTF_8);
        String anchored = Includes.anchored(text, copy, context.dataDirectory(), false);
        if (!anchored.equals(text)) {
            FileTrees.replace(file, anchored, context.user());
        }
    }

    /** The last setting in a file wins, so the original's own paths lose to these. */
    static String places(Path copy) {
        return """

                %s
                data_directory = '%s'
                hba_file = '%s'
                ident_file = '%s'
                external_pid_file = ''
                """
                .formatted(
                        MARK, quoted(copy), quoted(copy.resolve("pg_hba.conf")), quoted(copy.resolve("pg_ident.conf")));
    }

    /** It does not archive, follow, subscribe or run jobs: all of that is the original's. */
    static String role(int port) {
        return """

                %s
                port = '%d'
                archive_mode = 'off'
                archive_command = ''
                primary_conninfo = ''
                max_logical_replication_workers = '0'
                cron.launch_active_jobs = 'off'
                """
                .formatted(MARK, port);
    }

    private void append(Path file, String block) throws IOException {
        String text = Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
        if (!text.contains(MARK)) {
            FileTrees.replace(file, text + block, context.user());
        }
    }

    private void requireItself(Path copy) {
        String named = Commands.require(
                        context.user(),
                        List.of(context.binary("postgres"), "-D", copy.toString(), "-C", "data_directory"),
                        Map.of(),
                        Duration.ofSeconds(20))
                .strip();
        if (!named.equals(copy.toString())) {
            throw new RecoveryFailure(
                    FailureCode.COPY_POINTS_AT_LIVE,
                    "the copy in %s was not started: with its configuration the server would use %s"
                            .formatted(copy, named),
                    "look at postgresql.conf in that directory, then 'lifeboat retry'");
        }
    }

    private void start(Path copy, Path log) {
        Commands.require(
                context.user(),
                List.of(context.binary("pg_ctl"), "-D", copy.toString(), "start", "-W", "-s", "-l", log.toString()),
                Map.of(),
                TO_START);
        Waiting.until(
                Duration.ofSeconds(5), () -> ServerProcesses.postmaster(copy).isPresent());
    }

    private static String quoted(Path path) {
        return path.toString().replace("'", "''");
    }
}
