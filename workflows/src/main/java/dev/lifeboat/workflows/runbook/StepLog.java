package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The step table of a run. A step's duration is machine time: it stands still while people think. */
final class StepLog {

    private final Map<String, Line> lines = new LinkedHashMap<>();
    private final LongSupplier now;

    /** @param now milliseconds since 1970, the workflow's clock */
    StepLog(List<? extends StepId> steps, LongSupplier now) {
        this.now = now;
        steps.forEach(step -> lines.put(step.id(), new Line(step.id())));
    }

    void begin(StepId step) {
        Line line = line(step);
        line.state = StepState.RUNNING;
        line.attempts++;
        line.detail = "";
        line.runningSince = now.getAsLong();
        if (line.startedAt == null) {
            line.startedAt = Instant.ofEpochMilli(line.runningSince);
        }
    }

    /** @param more attempts that Temporal made beyond the first one, unseen by the workflow */
    void moreAttempts(StepId step, int more) {
        line(step).attempts += more;
    }

    void waiting(StepId step, String detail) {
        stop(line(step), StepState.WAITING, detail);
    }

    void done(StepId step, String detail) {
        stop(line(step), StepState.DONE, detail);
    }

    void failed(StepId step, String detail) {
        stop(line(step), StepState.FAILED, detail);
    }

    void skipped(StepId step, String detail) {
        stop(line(step), StepState.SKIPPED, detail);
    }

    /** It was begun, and there was nothing to do: nobody skipped it, and nothing was attempted. */
    void leftOut(StepId step, String detail) {
        stop(line(step), StepState.SKIPPED, detail);
        line(step).attempts = 0;
    }

    void undone(StepId step) {
        line(step).state = StepState.UNDONE;
    }

    List<StepRecord> records() {
        return lines.values().stream().map(Line::record).toList();
    }

    /** As a report holds them: what never began was not run, what never ended has failed. */
    List<StepRecord> finalRecords() {
        List<StepRecord> records = new ArrayList<>();
        for (Line line : lines.values()) {
            StepState state =
                    switch (line.state) {
                        case PENDING -> StepState.NOT_RUN;
                        case RUNNING -> StepState.FAILED;
                        case WAITING -> line.attempts == 0 ? StepState.NOT_RUN : StepState.FAILED;
                        default -> line.state;
                    };
            records.add(line.record(state));
        }
        return List.copyOf(records);
    }

    /** The table that the Temporal UI shows. */
    String markdown() {
        StringBuilder text = new StringBuilder("| step | state | time | |\n|---|---|---|---|\n");
        for (Line line : lines.values()) {
            String time = line.startedAt == null ? "" : ReportWords.duration(line.machine);
            String detail = line.detail.replace("|", "\\|").replace('\n', ' ');
            text.append("| %s | %s | %s | %s |%n".formatted(line.id, line.state, time, detail));
        }
        return text.toString();
    }

    private void stop(Line line, StepState state, String detail) {
        long at = now.getAsLong();
        if (line.state == StepState.RUNNING) {
            line.machine = line.machine.plusMillis(at - line.runningSince);
            line.endedAt = Instant.ofEpochMilli(at);
        }
        line.state = state;
        line.detail = detail;
    }

    private Line line(StepId step) {
        Line line = lines.get(step.id());
        if (line == null) {
            throw new IllegalArgumentException("the runbook has no step " + step.id());
        }
        return line;
    }

    private static final class Line {
        private final String id;
        private StepState state = StepState.PENDING;
        private int attempts;
        private @Nullable Instant startedAt;
        private @Nullable Instant endedAt;
        private long runningSince;
        private Duration machine = Duration.ZERO;
        private String detail = "";

        Line(String id) {
            this.id = id;
        }

        StepRecord record() {
            return record(state);
        }

        StepRecord record(StepState as) {
            boolean ended = endedAt != null && as != StepState.RUNNING;
            return new StepRecord(id, as, attempts, startedAt, ended ? endedAt : null, ended ? machine : null, detail);
        }
    }
}
