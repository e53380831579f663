package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.config.LifeboatConfig.Writer;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.contract.writers.WriterActivities;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Stops those who write to the cluster, by the configured commands, and starts again those that had been running. */
final class Writers implements WriterActivities {

    private static final String NOTE = "writers";
    private static final Duration COMMAND = Duration.ofSeconds(60);
    private static final Duration TO_STOP = Duration.ofSeconds(30);
    private static final Duration TO_LEAVE = Duration.ofSeconds(5);
    private static final ServerUser WORKER = new ServerUser(null);
    private static final String OTHERS =
            """
            select string_agg(distinct format('%s of %s from %s', coalesce(nullif(application_name, ''), 'a session'),
                     usename, coalesce(host(client_addr), 'the local socket')), '; ')
            from pg_stat_activity
            where pid <> pg_backend_pid() and backend_type = 'client backend' and application_name not like 'lifeboat%'""";

    private final LiveContext context;
    private final Map<String, Writer> writers;

    Writers(LiveContext context, Map<String, Writer> writers) {
        this.context = context;
        this.writers = writers;
    }

    /** @param wereRunning by name, as found before the first command; only those are started again */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Found(Map<String, Boolean> wereRunning) {}

    StepOutcome stop(RecoveryOrder order) {
        return stopWriters(of(order));
    }

    StepOutcome start(RecoveryOrder order) {
        return startWriters(of(order));
    }

    private static WriterOrder of(RecoveryOrder order) {
        return new WriterOrder(
                order.plan().cluster(), order.fence(), order.plan().writers());
    }

    @Override
    public StepOutcome stopWriters(WriterOrder order) {
        mayChange(order);
        List<Writer> planned = order.writers().stream().map(this::configured).toList();
        record(planned);
        List<Check> checks = new ArrayList<>();
        for (Writer writer : planned) {
            mayChange(order);
            run(writer, "stop", writer.stop());
            checks.add(proveStopped(writer));
        }
        // Nobody was asked to leave where no writer is configured: there is nothing to wait for on the clock.
        Optional<String> sessions = otherSessions(planned.isEmpty() ? Duration.ZERO : TO_LEAVE);
        List<Finding> findings = sessions
                .map(who -> new Finding(
                        "low",
                        "sessions that no configured writer accounts for were open after the writers were stopped: "
                                + who,
                        "if they write, name them under writers: in lifeboat.yaml"))
                .stream()
                .toList();
        String left = sessions.isPresent() ? "other sessions remain and are ended next" : "no session remains";
        return context.outcome("%d stopped; %s".formatted(planned.size(), left))
                .withChecks(checks)
                .withFindings(findings);
    }

    @Override
    public StepOutcome startWriters(WriterOrder order) {
        mayChange(order);
        Map<String, Boolean> found =
                context.read(NOTE, Found.class).map(Found::wereRunning).orElse(Map.of());
        int started = 0;
        for (Map.Entry<String, Boolean> entry : found.entrySet()) {
            if (entry.getValue()) {
                mayChange(order);
                Writer writer = configured(entry.getKey());
                run(writer, "start", writer.start());
                started++;
            }
        }
        context.forget(NOTE);
        if (found.isEmpty() && order.writers().isEmpty()) {
            return context.leftOut("no writers are configured");
        }
        int left = found.size() - started;
        return context.outcome(
                "%d started%s".formatted(started, left == 0 ? "" : ", %d had been stopped before".formatted(left)));
    }

    private void mayChange(WriterOrder order) {
        context.mayChange(order.cluster(), order.fence());
    }

    /** Before the first change, and never over what an earlier attempt found. */
    private void record(List<Writer> planned) {
        Map<String, Boolean> found = new TreeMap<>(
                context.read(NOTE, Found.class).map(Found::wereRunning).orElse(Map.of()));
        for (Writer writer : planned) {
            found.computeIfAbsent(writer.name(), name -> !isStopped(writer));
        }
        context.write(NOTE, new Found(found));
    }

    private Check proveStopped(Writer writer) {
        String proof = writer.proof();
        if (proof == null) {
            return Check.of("writer " + writer.name() + " is stopped", "stop command exits 0", "0", true);
        }
        if (!Waiting.until(TO_STOP, () -> isStopped(writer))) {
            throw new RecoveryFailure(
                    FailureCode.SESSIONS_REMAIN,
                    "cannot stop the writer %s: its stop command succeeded, but its proof still fails after %s"
                            .formatted(writer.name(), TO_STOP),
                    "run its proof by hand: " + proof);
        }
        return Check.of("writer " + writer.name() + " is stopped", "proof exits 0", "0", true);
    }

    private static boolean isStopped(Writer writer) {
        String proof = writer.proof();
        return proof != null
                && Commands.run(WORKER, ServerCommand.shell(proof), Map.of(), COMMAND)
                        .succeeded();
    }

    private static void run(Writer writer, String what, String command) {
        Commands.Result result = Commands.run(WORKER, ServerCommand.shell(command), Map.of(), COMMAND);
        if (!result.succeeded()) {
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED,
                    "cannot %s the writer %s: its command exited with %d: %s"
                            .formatted(
                                    what,
                                    writer.name(),
                                    result.exitCode(),
                                    LiveServer.firstLine(result.errors() + result.output())),
                    "run it by hand: " + command);
        }
    }

    /** Who is still in, after some time to leave; empty also where the server cannot be asked: then nobody writes. */
    private Optional<String> otherSessions(Duration toLeave) {
        String[] who = {""};
        try (Connection connection = new LiveDatabase(context).connect();
                Statement statement = connection.createStatement()) {
            Waiting.until(toLeave, () -> {
                who[0] = ask(statement);
                return who[0].isEmpty();
            });
        } catch (SQLException e) {
            return Optional.empty();
        }
        return Optional.of(who[0]).filter(text -> !text.isEmpty());
    }

    private static String ask(Statement statement) {
        try (ResultSet row = statement.executeQuery(OTHERS)) {
            String text = row.next() ? row.getString(1) : null;
            return text == null ? "" : text;
        } catch (SQLException e) {
            return "";
        }
    }

    private Writer configured(String name) {
        Writer writer = writers.get(name);
        if (writer == null) {
            throw new RecoveryFailure(
                    FailureCode.UNEXPECTED_STATE,
                    "the plan names the writer %s, and lifeboat.yaml of this worker has %s"
                            .formatted(name, writers.keySet()),
                    "give every worker the same lifeboat.yaml, then 'lifeboat retry'");
        }
        return writer;
    }
}
