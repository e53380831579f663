package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.runbook.RunStatus;
import dev.lifeboat.workflows.runbook.RunStatus.WaitingFor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run as it stands, step by step. */
final class StatusText {

    private StatusText() {}

    static List<String> lines(RunStatus status, RunHead.@Nullable ActivityHead activity, Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add("%s   %s   started %s (%s)   machine time %s of %s"
                .formatted(
                        status.run(),
                        status.mode(),
                        Words.utc(status.startedAt()),
                        Words.away(status.startedAt(), now),
                        Words.of(status.machineTime()),
                        Words.of(status.objectives().rto())));
        Table table = new Table();
        for (StepRecord step : status.steps()) {
            table.row(
                    "  " + step.id(),
                    step.state().toString(),
                    step.duration() == null ? "" : Words.of(step.duration()),
                    detail(step, activity));
        }
        lines.addAll(table.lines());
        WaitingFor waiting = status.waitingFor();
        if (waiting != null) {
            lines.add("");
            lines.add("waits for a person since " + Words.utc(waiting.since()) + ", at step " + waiting.step() + ":");
            waiting.question().lines().map(line -> "  " + line).forEach(lines::add);
            if (!waiting.hint().isBlank()) {
                lines.add("  hint: " + waiting.hint());
            }
            GateKeeper.commands(status.run(), waiting).forEach(command -> lines.add("  answer with '" + command + "'"));
        }
        return lines;
    }

    private static String detail(StepRecord step, RunHead.@Nullable ActivityHead activity) {
        if (step.state() != StepState.RUNNING || activity == null) {
            return step.detail();
        }
        String attempt = activity.attempt() > 1 ? "attempt " + activity.attempt() + ", " : "";
        if (activity.progress() != null) {
            return attempt + ProgressText.of(activity.progress());
        }
        if (!activity.begun()) {
            return attempt + (activity.failure() == null ? "waits for a worker" : "last: " + activity.failure());
        }
        return attempt + step.detail();
    }
}
