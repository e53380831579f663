package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows a run to its end. Temporal or the worker may be away meanwhile: the run is not harmed by that, so the tool says
 * it once and goes on trying.
 */
final class Follower {

    private static final Duration BEAT = Duration.ofMillis(400);
    private static final Duration STATUS = Duration.ofSeconds(4);

    private final Tool tool;
    private final RunView view;
    private final GateKeeper gates;
    private final Clock clock;
    private boolean temporalAway;
    private boolean workerAway;
    private @Nullable RunStatus last;

    Follower(Tool tool, boolean answersItself) {
        this.tool = tool;
        this.view = tool.terminal().live() && !tool.json() ? new LiveView(tool) : new PlainView(tool);
        this.gates = new GateKeeper(tool, view, answersItself);
        this.clock = tool.surroundings().clock();
    }

    /**
     * @param limit null to follow it to its end
     * @throws CliFailure with 6 when the limit is over first
     */
    RunReport follow(RunHead run, @Nullable Duration limit) {
        Thread goodbye = new Thread(() -> leave(run.name()), "goodbye");
        Runtime.getRuntime().addShutdownHook(goodbye);
        try {
            return watch(run, limit == null ? Instant.MAX : clock.instant().plus(limit));
        } finally {
            view.close();
            Runtime.getRuntime().removeShutdownHook(goodbye);
        }
    }

    /** Ctrl-C: the run belongs to Temporal, not to this process. */
    private void leave(String run) {
        if (!"no".equals(System.getProperty("lifeboat.goodbye"))) {
            tool.say("");
            tool.say("lifeboat: the run goes on; follow it with 'lifeboat watch " + run + "'");
        }
        Runtime.getRuntime().halt(ExitCode.STILL_RUNNING.number());
    }

    private RunReport watch(RunHead run, Instant deadline) {
        RunRef ref = new RunRef(run.name(), run.runId());
        while (true) {
            Optional<RunReport> report = look(ref);
            if (report.isPresent()) {
                view.show(lastPicture(report.get()), null);
                return report.get();
            }
            if (!clock.instant().isBefore(deadline)) {
                throw stillRunning(run.name());
            }
            pause();
        }
    }

    /** What happened between the last look and the end is seen, too. */
    private static RunStatus lastPicture(RunReport report) {
        Duration human = report.achieved().humanWait();
        return new RunStatus(
                report.runbook(),
                report.run(),
                report.runId(),
                report.mode(),
                report.startedAt(),
                report.objectives(),
                Duration.between(report.startedAt(), report.endedAt()).minus(human),
                human,
                report.steps(),
                null);
    }

    private Optional<RunReport> look(RunRef ref) {
        try {
            RunHead found = tool.gateway().head(ref).orElseThrow(() -> forgotten(ref));
            if (temporalAway) {
                view.note("Temporal is back");
                temporalAway = false;
            }
            if (!found.isOpen()) {
                return Optional.of(Reports.of(tool.gateway(), found));
            }
            show(found);
        } catch (RuntimeException e) {
            if (!Failures.mayPass(e)) {
                throw e;
            }
            if (!temporalAway) {
                view.note("Temporal cannot be reached; the run itself goes on, and this tool keeps trying");
            }
            temporalAway = true;
        }
        return Optional.empty();
    }

    private void show(RunHead head) {
        try {
            RunStatus status = tool.gateway().status(head, STATUS);
            if (workerAway) {
                view.note("a worker answers again");
                workerAway = false;
            }
            last = status;
            if (!gates.isAsking(status)) {
                view.show(status, head.activity());
            }
            gates.look(head, status);
        } catch (CliFailure e) {
            throw e;
        } catch (RuntimeException e) {
            // The run may have ended, or its worker died, between two questions.
            if (!workerAway && Failures.status(e).isPresent() && stillSilent(head)) {
                view.note("no worker answers for the run; it goes on as soon as one is there ('lifeboat worker')");
                workerAway = true;
            }
        }
    }

    private boolean stillSilent(RunHead head) {
        try {
            return tool.gateway()
                    .head(new RunRef(head.name(), head.runId()))
                    .map(RunHead::isOpen)
                    .orElse(false);
        } catch (RuntimeException e) {
            return false;
        }
    }

    private CliFailure stillRunning(String run) {
        RunStatus status = last;
        String waits = status == null || status.waitingFor() == null
                ? ""
                : "; it waits for a person at step " + status.waitingFor().step();
        return new CliFailure(
                ExitCode.STILL_RUNNING,
                "STILL_RUNNING",
                "the run " + run + " is still going on when the time given to wait is over" + waits,
                "follow it with 'lifeboat watch " + run + "'");
    }

    private static CliFailure forgotten(RunRef ref) {
        return new CliFailure(
                ExitCode.FAILED,
                "RUN_FORGOTTEN",
                "Temporal no longer knows the run " + ref.name(),
                "was Temporal's database restored or emptied? 'lifeboat report " + ref.name()
                        + "' looks for its report in the bucket");
    }

    private static void pause() {
        try {
            Thread.sleep(BEAT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while following a run", e);
        }
    }
}
