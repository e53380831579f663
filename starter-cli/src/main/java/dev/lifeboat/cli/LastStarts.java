package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.schedule.ScheduledStart;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Looks up what came of the last start by a schedule, as far as Temporal remembers. */
final class LastStarts {

    private static final Duration CALL = Duration.ofSeconds(5);

    private final Gateway gateway;

    LastStarts(Gateway gateway) {
        this.gateway = gateway;
    }

    /** Empty before the first. */
    Optional<LastStart> of(FoundSchedule schedule) {
        List<FoundSchedule.Start> starts = schedule.starts();
        return starts.isEmpty() ? Optional.empty() : Optional.of(look(schedule.id(), starts.get(starts.size() - 1)));
    }

    private LastStart look(String run, FoundSchedule.Start start) {
        Optional<RunHead> head = gateway.head(start.run());
        if (head.isEmpty()) {
            return new LastStart(start.at(), "unknown", null, null, "Temporal has forgotten what came of it", true);
        }
        if (head.get().isOpen()) {
            return new LastStart(start.at(), "waiting", null, null, "waits for a worker", false);
        }
        if (!head.get().hasResult()) {
            boolean late = head.get().status() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TIMED_OUT;
            String why = late ? "no worker was there in time" : head.get().statusWord();
            return new LastStart(start.at(), "missed", null, null, "not started: " + why, false);
        }
        ScheduledStart result = gateway.result(start.run().name(), head.get().runId(), ScheduledStart.class, CALL)
                .orElseThrow();
        return result.started() ? started(run, start, result) : skipped(run, start, result);
    }

    private LastStart started(String run, FoundSchedule.Start start, ScheduledStart result) {
        String runId = String.valueOf(result.runId());
        Optional<RunHead> head = gateway.head(new RunRef(run, runId));
        if (head.isEmpty()) {
            return new LastStart(start.at(), "started", runId, null, "started; Temporal has forgotten its end", true);
        }
        if (head.get().isOpen()) {
            return new LastStart(start.at(), "started", runId, null, "started, still open", true);
        }
        try {
            RunReport report = gateway.report(head.get());
            int exit = report.exitCode();
            return new LastStart(start.at(), "started", runId, exit, "started, exit " + exit, exit == 0);
        } catch (CliFailure e) {
            return new LastStart(
                    start.at(), "started", runId, e.exit().number(), "started, and ended: " + e.getMessage(), false);
        }
    }

    /** Whoever held the name may hold it still. */
    private LastStart skipped(String run, FoundSchedule.Start start, ScheduledStart result) {
        boolean stillOpen = gateway.head(new RunRef(run, null))
                .filter(RunHead::isOpen)
                .filter(open -> open.startedAt().isBefore(start.at()))
                .isPresent();
        String words = "skipped: " + result.why() + (stillOpen ? ", and still is" : "");
        return new LastStart(start.at(), "skipped", null, null, words, !stillOpen);
    }
}
