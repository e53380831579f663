package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.runbook.RunStatus;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Redraws the steps of a run in place: what ticks, how fast, how much is left, and what is left of the RTO. */
final class LiveView implements RunView {

    private static final String CLEAR_BELOW = "\u001b[J";
    private static final int BAR = 16;

    private final Tool tool;
    private final Terminal terminal;
    private final Clock clock;
    private final ProgressText progress = new ProgressText();
    private int drawn;

    LiveView(Tool tool) {
        this.tool = tool;
        this.terminal = tool.terminal();
        this.clock = tool.surroundings().clock();
    }

    @Override
    public void show(RunStatus status, RunHead.@Nullable ActivityHead activity) {
        Instant now = clock.instant();
        List<String> lines = new ArrayList<>();
        lines.add(cut(head(status, now)));
        List<String> steps = new ArrayList<>();
        int current = 0;
        for (StepRecord step : status.steps()) {
            if (step.state() == StepState.SKIPPED && step.attempts() == 0) {
                continue;
            }
            if (step.state() != StepState.PENDING) {
                current = steps.size();
            }
            steps.add(line(step, activity, now));
        }
        lines.addAll(window(steps, current));
        draw(lines);
    }

    /** As many steps as the terminal has room for, the current one among them. */
    private List<String> window(List<String> steps, int current) {
        int room = Math.max(terminal.rows() - 4, 3);
        if (steps.size() <= room) {
            return steps;
        }
        int from = Math.min(Math.max(current - room + 3, 0), steps.size() - room);
        return steps.subList(from, from + room);
    }

    private String head(RunStatus status, Instant now) {
        Duration machine = status.machineTime();
        Duration rto = status.objectives().rto();
        Duration left = rto.minus(machine);
        long filled = rto.isZero() ? BAR : Math.min(BAR, machine.toMillis() * BAR / rto.toMillis());
        String bar = "[" + "#".repeat((int) filled) + ".".repeat(BAR - (int) filled) + "]";
        String clocks = left.isNegative()
                ? "RTO " + Words.of(rto) + " missed by " + Words.of(left)
                : "RTO " + Words.of(rto) + ", " + Words.of(whole(left)) + " left " + bar;
        return "%s  %s  %s  %s"
                .formatted(
                        status.run(),
                        status.mode(),
                        Words.of(whole(Duration.between(status.startedAt(), now))),
                        clocks);
    }

    private String line(StepRecord step, RunHead.@Nullable ActivityHead activity, Instant now) {
        String text = " %s %-22s %7s  %s"
                .formatted(mark(step.state()), step.id(), took(step, now), detail(step, activity, now));
        String cut = cut(text);
        return terminal.color() ? color(step.state()) + cut + "\u001b[0m" : cut;
    }

    /** A line that wraps would make the next picture climb too little. */
    private String cut(String text) {
        return text.length() < terminal.columns() ? text : text.substring(0, Math.max(terminal.columns() - 1, 0));
    }

    private String detail(StepRecord step, RunHead.@Nullable ActivityHead activity, Instant now) {
        if (step.state() != StepState.RUNNING || activity == null) {
            return step.detail();
        }
        Progress last = activity.progress();
        String attempt = activity.attempt() > 1 ? "attempt " + activity.attempt() + "  " : "";
        if (last != null) {
            return attempt + progress.withRate(last, now);
        }
        if (activity.failure() != null) {
            return attempt + activity.failure();
        }
        return activity.begun() ? attempt + step.detail() : "waits for a worker";
    }

    private static String took(StepRecord step, Instant now) {
        if (step.duration() != null) {
            return Words.of(step.duration());
        }
        boolean ticks = step.state() == StepState.RUNNING || step.state() == StepState.WAITING;
        return ticks && step.startedAt() != null ? Words.of(whole(Duration.between(step.startedAt(), now))) : "";
    }

    private static Duration whole(Duration duration) {
        return Duration.ofSeconds(duration.toSeconds());
    }

    private String mark(StepState state) {
        return switch (state) {
            case DONE -> terminal.unicode() ? "✓" : "+";
            case FAILED -> terminal.unicode() ? "✗" : "x";
            case RUNNING -> terminal.unicode() ? "▸" : ">";
            case WAITING -> "?";
            case UNDONE -> terminal.unicode() ? "↩" : "<";
            case SKIPPED -> "-";
            case PENDING, NOT_RUN -> " ";
        };
    }

    private static String color(StepState state) {
        return switch (state) {
            case DONE -> "\u001b[32m";
            case FAILED -> "\u001b[31m";
            case WAITING, UNDONE -> "\u001b[33m";
            case RUNNING -> "\u001b[1m";
            case PENDING, NOT_RUN, SKIPPED -> "\u001b[2m";
        };
    }

    private void draw(List<String> lines) {
        PrintStream err = terminal.err();
        StringBuilder picture = new StringBuilder();
        if (drawn > 0) {
            picture.append("\u001b[").append(drawn).append('A');
        }
        picture.append('\r').append(CLEAR_BELOW);
        lines.forEach(line -> picture.append(line).append('\n'));
        err.print(picture);
        err.flush();
        drawn = lines.size();
    }

    @Override
    public void note(String line) {
        tool.say(line);
        // What stands above stays there; the next picture begins below.
        drawn = 0;
    }

    @Override
    public void close() {
        drawn = 0;
    }
}
