package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveState;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Closes the live cluster to everybody but its own operating-system user, proves it, and opens it again. */
final class Quiesce {

    private static final String STRANDED = "stranded";

    private final LiveContext context;
    private final LiveServer server;
    private final AccessFiles access;
    private final ClosedServer closed;

    Quiesce(LiveContext context) {
        this.context = context;
        this.server = new LiveServer(context);
        this.access = new AccessFiles(context, server);
        this.closed = new ClosedServer(context);
    }

    StepOutcome close(RecoveryOrder order) {
        context.mayChange(order);
        LiveServer.Status before = server.look();
        boolean alreadyClosed = access.isClosed();
        if (!access.close()) {
            return context.outcome("no access rules left to change: " + before.detail());
        }
        if (!before.runs()) {
            return context.outcome("access rules closed; the server does not run (" + before.detail() + ")");
        }
        reload(before);
        Optional<LocalPsql> psql =
                LocalPsql.of(context, context.dataDirectory()).filter(closed::letsUsIn);
        if (psql.isEmpty()) {
            return unproved(before, alreadyClosed);
        }
        List<Check> checks = List.of(closed.proveRules(psql.get()), closed.proveRefusal());
        recordStranded(order, psql.get());
        int ended = closed.endSessions(psql.get());
        return context.outcome("closed; %d session(s) ended".formatted(ended)).withChecks(checks);
    }

    /** Also while the server is down, and after the directories were swapped: then the old directory gets them back. */
    StepOutcome lift(RecoveryOrder order) {
        context.mayChange(order);
        String detail = access.open();
        LiveServer.Status status = server.look();
        if (status.runs()) {
            reload(status);
        }
        return context.outcome(detail);
    }

    boolean isClosed() {
        return access.isClosed();
    }

    /** Whether a closed server answers its own user. */
    LiveDatabase.Answer knock() {
        return LocalPsql.of(context, context.dataDirectory())
                .filter(psql -> psql.ask("select 1").succeeded())
                .map(psql -> LiveDatabase.Answer.ADMITTED)
                .orElse(LiveDatabase.Answer.NONE);
    }

    private StepOutcome unproved(LiveServer.Status before, boolean alreadyClosed) {
        if (before.state() == LiveState.RUNNING && !alreadyClosed) {
            throw new RecoveryFailure(
                    FailureCode.SESSIONS_REMAIN,
                    "cannot prove that %s is closed: it accepted logins before, and does not let %s in over its socket now"
                            .formatted(context.cluster().name(), context.user().name()),
                    "check unix_socket_directories and the server's log, then 'lifeboat retry'");
        }
        return context.outcome("access rules closed; the server answers nobody (" + before.detail() + ")")
                .withFindings(List.of(new Finding(
                        "low",
                        "the live server answered nobody, so that its closing could not be proved; it is stopped next",
                        "")));
    }

    /** @param runId of the run that closed the cluster: another run's note is of another time */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Hung(String runId, Stranded stranded) {}

    Stranded stranded(RecoveryOrder order) {
        return context.read(STRANDED, Hung.class)
                .filter(hung -> hung.runId().equals(order.fence().runId()))
                .map(Hung::stranded)
                .orElse(Stranded.NOTHING);
    }

    /** Once for a run: its first attempt has ended the standbys' sessions. */
    private void recordStranded(RecoveryOrder order, LocalPsql psql) {
        String runId = order.fence().runId();
        if (context.read(STRANDED, Hung.class)
                .filter(hung -> hung.runId().equals(runId))
                .isPresent()) {
            return;
        }
        Commands.Result result = psql.ask(Stranded.SQL);
        if (result.succeeded()) {
            byte[] printed = result.output().getBytes(StandardCharsets.UTF_8);
            context.write(STRANDED, new Hung(runId, Json.read(printed, Stranded.class, "what psql printed")));
        }
    }

    private void reload(LiveServer.Status status) {
        status.postmaster()
                .ifPresent(postmaster -> Commands.run(
                        context.user(),
                        List.of("sh", "-c", "kill -HUP " + postmaster.pid()),
                        java.util.Map.of(),
                        java.time.Duration.ofSeconds(10)));
    }
}
