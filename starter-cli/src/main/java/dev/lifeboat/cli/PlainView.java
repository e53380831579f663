package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.runbook.RunStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One line for each thing that changed, for pipes and logs. */
final class PlainView implements RunView {

    private static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(10);

    private final Tool tool;
    private final Clock clock;
    private final Map<String, String> told = new HashMap<>();
    private Instant lastProgress;
    private String lastFailure = "";

    PlainView(Tool tool) {
        this.tool = tool;
        this.clock = tool.surroundings().clock();
        this.lastProgress = clock.instant();
    }

    @Override
    public void show(RunStatus status, RunHead.@Nullable ActivityHead activity) {
        for (StepRecord step : status.steps()) {
            String line = line(step);
            if (!line.isEmpty() && !line.equals(told.put(step.id(), line))) {
                note(line);
                lastProgress = clock.instant();
            }
        }
        if (activity != null) {
            progress(activity);
        }
    }

    private static String line(StepRecord step) {
        String detail = step.detail().isBlank() ? "" : ": " + step.detail();
        return switch (step.state()) {
            case PENDING, NOT_RUN, WAITING -> "";
            case RUNNING -> step.id() + (step.attempts() > 1 ? ", attempt " + step.attempts() : "") + " ...";
            case SKIPPED -> step.attempts() == 0 ? "" : step.id() + " skipped" + detail;
            case DONE -> step.id() + " done" + took(step) + detail;
            case FAILED, UNDONE -> step.id() + " " + step.state() + took(step) + detail;
        };
    }

    private static String took(StepRecord step) {
        return step.duration() == null || step.state() == StepState.UNDONE ? "" : " in " + Words.of(step.duration());
    }

    private void progress(RunHead.ActivityHead activity) {
        String failure = activity.failure() == null ? "" : activity.failure();
        if (!failure.equals(lastFailure) && !failure.isEmpty()) {
            note("  attempt " + activity.attempt() + ", because the one before failed: " + failure);
        }
        lastFailure = failure;
        Progress progress = activity.progress();
        Instant now = clock.instant();
        if (progress != null
                && !Duration.between(lastProgress, now).minus(BETWEEN_PROGRESS).isNegative()) {
            note("  " + ProgressText.of(progress));
            lastProgress = now;
        }
    }

    @Override
    public void note(String line) {
        tool.say(line.isEmpty() ? "" : Words.utc(clock.instant()).substring(11) + "  " + line);
    }

    @Override
    public void close() {
        tool.terminal().err().flush();
    }
}
