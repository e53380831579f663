package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.postgres.LiveDatabase.Answer;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Stops the live server and proves it; starts it so that it outlives this worker. Both find what was already done. */
final class LiveStopStart {

    private static final String NOTE = "server";
    private static final Duration BY_COMMAND = Duration.ofSeconds(90);
    private static final Duration FAST = Duration.ofSeconds(60);
    private static final Duration IMMEDIATE = Duration.ofSeconds(30);
    private static final Duration TO_START = Duration.ofSeconds(120);
    private static final Duration TO_RELENT = Duration.ofSeconds(3);
    private static final Duration TO_APPEAR = Duration.ofSeconds(5);
    private static final Duration PORT_TO_CLOSE = Duration.ofSeconds(5);
    private static final ServerUser WORKER = new ServerUser(null);

    private final LiveContext context;

    LiveStopStart(LiveContext context) {
        this.context = context;
    }

    StepOutcome stop(RecoveryOrder order) {
        context.mayChange(order);
        List<Finding> findings = new ArrayList<>();
        String how = "was not running";
        remember(order);
        if (running()) {
            switchWal();
            how = end(findings);
        }
        return context.outcome(how).withChecks(List.of(proveDown())).withFindings(findings);
    }

    /** How the server was before this run stopped it; what was down already is not started by an undo. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Found(String runId, boolean running) {}

    boolean wasRunning(RecoveryOrder order) {
        return context.read(NOTE, Found.class)
                .filter(found -> found.runId().equals(order.fence().runId()))
                .map(Found::running)
                .orElse(false);
    }

    private void remember(RecoveryOrder order) {
        String runId = order.fence().runId();
        if (context.read(NOTE, Found.class)
                .filter(found -> found.runId().equals(runId))
                .isEmpty()) {
            context.write(NOTE, new Found(runId, running()));
        }
    }

    /** @throws RecoveryFailure SERVER_STILL_RUNNING with the process or the address that still answers */
    Check proveDown() {
        Optional<ProcessHandle> alive = ServerProcesses.postmaster(context.dataDirectory());
        if (alive.isPresent()) {
            throw new RecoveryFailure(
                    FailureCode.SERVER_STILL_RUNNING,
                    "cannot stop the server of %s: process %d is still alive after a fast and an immediate shutdown"
                            .formatted(context.dataDirectory(), alive.get().pid()),
                    "look at that process; when it is gone, 'lifeboat retry'");
        }
        String address = context.cluster().host() + ":" + context.cluster().port();
        if (!Waiting.until(PORT_TO_CLOSE, () -> !portAnswers())) {
            throw new RecoveryFailure(
                    FailureCode.SERVER_STILL_RUNNING,
                    "the server of %s is down, but something still listens at %s"
                            .formatted(context.dataDirectory(), address),
                    "find out who took the port, end it, then 'lifeboat retry'");
        }
        return Check.of(
                "the live server is down", "no process, port closed", "no process, " + address + " is closed", true);
    }

    /**
     * Starts the server in the configured data directory, or finds it running, and waits.
     *
     * @param knock what makes it started in the caller's eyes: a login, or the local socket of a closed server
     * @throws RecoveryFailure what {@link StartDiagnosis} makes of its last lines; LOGIN_REFUSED when it is up, and its
     *                         own rules keep us out
     */
    String start(RecoveryOrder order, Supplier<Answer> knock) {
        context.mayChange(order);
        Path log = context.makeFolder().resolve("server.log");
        CopyLogs logs = CopyLogs.from(context.folder());
        try {
            return start(log, knock);
        } finally {
            logs.quoteNew();
        }
    }

    private String start(Path log, Supplier<Answer> knock) {
        String how = "found running";
        if (!running()) {
            how = "started";
            String configured = context.cluster().start();
            Commands.Result result = configured == null
                    ? Commands.run(context.user(), new ServerCommand(context).start(log), Map.of(), TO_START)
                    : Commands.run(WORKER, ServerCommand.shell(configured), Map.of(), TO_START);
            if (!result.succeeded()) {
                throw didNotStart(result.errors() + result.output(), log);
            }
            Waiting.until(TO_APPEAR, this::running);
        }
        awaitOpen(knock, log);
        return how;
    }

    private void awaitOpen(Supplier<Answer> knock, Path log) {
        Answer[] last = {Answer.NONE};
        boolean[] died = {false};
        long[] refusedSince = {0};
        boolean ended = Waiting.until(TO_START, () -> {
            died[0] = !running();
            last[0] = died[0] ? last[0] : knock.get();
            long now = System.nanoTime();
            refusedSince[0] = !last[0].refusedByRule() ? 0 : refusedSince[0] == 0 ? now : refusedSince[0];
            boolean refused = refusedSince[0] != 0 && now - refusedSince[0] > TO_RELENT.toNanos();
            return died[0] || refused || last[0].accepted();
        });
        if (died[0]) {
            throw didNotStart("it ended again", log);
        }
        if (ended && !last[0].accepted()) {
            throw new RecoveryFailure(
                    FailureCode.LOGIN_REFUSED,
                    "the server in %s is up, and refuses Lifeboat's login as '%s' at %s:%d: %s"
                            .formatted(
                                    context.dataDirectory(),
                                    context.cluster().user(),
                                    context.cluster().host(),
                                    context.cluster().port(),
                                    LiveServer.firstLine(last[0].message())),
                    "correct pg_hba.conf and reload the server, or user and password in lifeboat.yaml; then 'lifeboat retry'");
        }
        if (!ended) {
            throw didNotStart(
                    "it did not let us in within %s: %s".formatted(TO_START, LiveServer.firstLine(last[0].message())),
                    log);
        }
    }

    boolean running() {
        return ServerProcesses.postmaster(context.dataDirectory()).isPresent();
    }

    /** Archiving can begin with the last full segment while the server goes down. A help, not a condition. */
    private void switchWal() {
        try {
            LocalPsql.of(context, context.dataDirectory()).ifPresent(psql -> psql.ask("select pg_switch_wal()"));
        } catch (RecoveryFailure e) {
            // A server that is too ill to answer is stopped all the same; its last segment is read from disk.
        }
    }

    private String end(List<Finding> findings) {
        String configured = context.cluster().stop();
        if (configured != null) {
            Commands.Result result = Commands.run(WORKER, ServerCommand.shell(configured), Map.of(), BY_COMMAND);
            if (result.succeeded() && Waiting.until(FAST, () -> !running())) {
                return "stopped by its configured command";
            }
            findings.add(new Finding(
                    "low",
                    "the configured stop command exited with %d and left the server running: %s"
                            .formatted(result.exitCode(), LiveServer.firstLine(result.errors())),
                    "try it by hand: " + configured));
        }
        signal("INT");
        if (Waiting.until(FAST, () -> !running())) {
            return "fast shutdown";
        }
        signal("QUIT");
        Waiting.until(IMMEDIATE, () -> !running());
        findings.add(new Finding(
                "medium",
                "the live server did not end by a fast shutdown within %s and was stopped immediately".formatted(FAST),
                ""));
        return "immediate shutdown";
    }

    /** To every first process: one that was cut off from its directory has nobody else to end it. */
    private void signal(String name) {
        ServerProcesses.postmaster(context.dataDirectory())
                .ifPresent(postmaster -> Commands.run(
                        context.user(),
                        List.of("sh", "-c", "kill -%s %d".formatted(name, postmaster.pid())),
                        Map.of(),
                        Duration.ofSeconds(10)));
    }

    private boolean portAnswers() {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(
                            context.cluster().host(), context.cluster().port()),
                    2_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private RecoveryFailure didNotStart(String said, Path log) {
        return StartDiagnosis.of(
                context.dataDirectory(), said + tail(log), context.user().name(), log);
    }

    /** The last words in a server's log; empty while there is none. */
    static String tail(Path log) {
        try {
            if (!Files.exists(log)) {
                return "";
            }
            List<String> lines = Files.readAllLines(log, java.nio.charset.StandardCharsets.ISO_8859_1);
            return "\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
        } catch (IOException e) {
            return "";
        }
    }
}
