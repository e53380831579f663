package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.StepCall;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Achieved;
import dev.lifeboat.workflows.contract.evidence.RunReport.Failure;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.Verdictor.Ending;
import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that is known of a run: what a status shows while it goes on, and a report when it has ended. */
final class RunRecord {

    private final String runbook;
    private final RunRequest request;
    private final RunMode mode;
    private final Instant startedAt = HumanDesk.now();
    private final StepLog steps;
    private final HumanDesk desk = new HumanDesk();
    private final RunFindings seen = new RunFindings();
    private final RunVisibility visibility = new RunVisibility();
    private @Nullable StepId current;
    private @Nullable Failure failure;
    private final RunClock clock = new RunClock();
    private int calls;

    RunRecord(String runbook, List<? extends StepId> all, RunRequest request, RunMode mode) {
        this.runbook = runbook;
        this.request = request;
        this.mode = mode;
        this.steps = new StepLog(all, Workflow::currentTimeMillis);
    }

    String runbook() {
        return runbook;
    }

    RunRequest request() {
        return request;
    }

    RunMode mode() {
        return mode;
    }

    StepLog steps() {
        return steps;
    }

    HumanDesk desk() {
        return desk;
    }

    RunFindings seen() {
        return seen;
    }

    RunVisibility visibility() {
        return visibility;
    }

    @Nullable Failure failure() {
        return failure;
    }

    void failure(@Nullable Failure why) {
        failure = why;
    }

    void failedAt(StepId step, FailureTranslator.Read read) {
        failure = new Failure(read.code().name(), step.id(), read.message(), read.hint());
    }

    /** The options of an activity of this run: they carry its step to where people look, and to where its log is written. */
    ActivityOptions named(ActivityOptions options) {
        String step = at();
        return ActivityOptions.newBuilder(options)
                .setSummary(step)
                .setContextPropagators(List.of(StepCall.propagator(() -> new StepCall(startedAt, ++calls, step))))
                .build();
    }

    /** The step that is under way, or was the last one. */
    void at(StepId step) {
        current = step;
    }

    String at() {
        return current == null ? "none-yet" : current.id();
    }

    void begin(StepId step) {
        current = step;
        failure = null;
        steps.begin(step);
        visibility.step(step.id());
        show();
    }

    /** What a step came to; times that cannot be are findings of it. */
    void add(StepId step, Duration elapsed, StepOutcome outcome) {
        steps.moreAttempts(step, Math.max(0, outcome.attempt() - 1));
        seen.add(step, outcome);
        clock.look(step, elapsed, outcome).forEach(seen::add);
    }

    /** Brings the table in the Temporal UI up to date. */
    void show() {
        visibility.details(steps);
    }

    String runName() {
        return Workflow.getInfo().getWorkflowId();
    }

    Instant startedAt() {
        return startedAt;
    }

    String runId() {
        return Workflow.getInfo().getRunId();
    }

    Duration machineTime() {
        return Duration.between(startedAt, HumanDesk.now()).minus(desk.waited());
    }

    RunStatus status() {
        return new RunStatus(
                runbook,
                runName(),
                runId(),
                mode,
                startedAt,
                request.objectives(),
                machineTime(),
                desk.waited(),
                steps.records(),
                desk.open());
    }

    RunReport report(Ending ending, Achievement reached) {
        @Nullable Duration recoveryTime = clock.isTrusted() ? reached.recoveryTime() : null;
        Achieved achieved = new Achieved(recoveryTime, desk.waited(), reached.dataLoss(), reached.givenUp());
        Verdicts verdicts = Verdictor.judge(ending, seen.checks(), achieved, request.objectives(), seen.leftBehind());
        return new RunReport(
                RunReport.FORMAT,
                runbook,
                runName(),
                runId(),
                mode,
                request.requestedBy(),
                request.reason(),
                seen.workers(),
                seen.resumes(),
                startedAt,
                HumanDesk.now(),
                request.typed(),
                verdicts,
                Verdictor.exitCode(ending, verdicts),
                request.objectives(),
                achieved,
                reached.point(),
                reached.source(),
                steps.finalRecords(),
                seen.checks(),
                seen.findings(),
                seen.leftBehind(),
                desk.answers(),
                failure,
                null);
    }
}
