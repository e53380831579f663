package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Achieved;
import dev.lifeboat.workflows.contract.evidence.RunReport.Answer;
import dev.lifeboat.workflows.contract.evidence.RunReport.Failure;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities.LeaseRequest;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.FailureCode.Kind;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.RunStatus.WaitingFor;
import dev.lifeboat.workflows.runbook.Verdictor.Ending;
import io.temporal.activity.ActivityOptions;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Functions.Func;
import io.temporal.workflow.Functions.Proc;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What every runbook shares: runs its steps one by one, asks people, undoes, judges and reports. A runbook extends it
 * and writes down nothing but the order of its steps and what each of them is.
 */
public abstract class RunSupervisor implements RunMessages {

    /** Ends the steps from inside; never seen outside of this class. */
    private static final class Stop extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Ending ending;

        Stop(Ending ending) {
            this.ending = ending;
        }
    }

    /** Nothing was touched and nothing will be: no report, the failure is the answer. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(RecoveryFailure why) {
            super(why);
        }
    }

    private final String runbook;
    private final RunRequest request;
    private final RunMode mode;
    private final StepId reportStep;
    private final Instant startedAt = HumanDesk.now();
    private final StepLog steps;
    private final HumanDesk desk = new HumanDesk();
    private final UndoStack undo = new UndoStack();
    private final RunFindings seen = new RunFindings();
    private final RunVisibility visibility = new RunVisibility();

    private @Nullable CancellationScope scope;
    private @Nullable StepId current;
    private @Nullable Failure failure;
    private @Nullable Answer abort;
    private boolean pastNoReturn;
    private boolean touched;
    private @Nullable Fence fence;

    /** @param all the steps in order; the last one writes the report */
    protected RunSupervisor(String runbook, List<? extends StepId> all, RunRequest request, RunMode mode) {
        this.runbook = runbook;
        this.request = request;
        this.mode = mode;
        this.reportStep = all.get(all.size() - 1);
        this.steps = new StepLog(all, Workflow::currentTimeMillis);
    }

    /** What a runbook alone knows about its success. */
    protected abstract Achievement achievement();

    /**
     * Runs the steps to their end, or undoes them, and reports either way. Only a run that was refused before it changed
     * anything ends with a failure and no report.
     */
    protected final RunReport supervise(Proc body) {
        visibility.started(runbook, runName(), mode.toString());
        Ending ending = Ending.COMPLETED;
        try {
            CancellationScope inner = Workflow.newCancellationScope(body::apply);
            scope = inner;
            inner.run();
        } catch (Stop stop) {
            ending = stop.ending;
        } catch (Refused refused) {
            throw FailureTranslator.toTemporal((RecoveryFailure) Objects.requireNonNull(refused.getCause()));
        } catch (TemporalFailure ended) {
            ending = FailureTranslator.isCancellation(ended) ? Ending.GIVEN_UP : Ending.FAILED;
            FailureTranslator.Read read = FailureTranslator.read(ended);
            failure = new Failure(read.code().name(), at(), read.message(), read.hint());
        }
        return finish(ending == Ending.GIVEN_UP && pastNoReturn ? Ending.FAILED : ending);
    }

    /**
     * One line of the runbook: done once, then again until it succeeds or a person decides otherwise.
     *
     * @return false when it was left out or skipped
     */
    protected final boolean step(StepId step, Func<StepOutcome> work) {
        String reason = reasonToLeaveOut(step);
        if (!reason.isEmpty()) {
            steps.skipped(step, reason);
            return false;
        }
        while (true) {
            try {
                begin(step);
                StepOutcome outcome = work.apply();
                steps.moreAttempts(step, Math.max(0, outcome.attempt() - 1));
                seen.add(step, outcome);
                refuseFailedChecks(step, outcome);
                steps.done(step, outcome.detail());
                visibility.details(steps);
                return true;
            } catch (TemporalFailure | RecoveryFailure problem) {
                if (!goOnAfter(step, problem)) {
                    return false;
                }
            }
        }
    }

    /** A step that changes something, with what puts it back. */
    protected final boolean step(StepId step, Func<StepOutcome> work, String what, String where, Proc putBack) {
        if (!reasonToLeaveOut(step).isEmpty()) {
            return step(step, work);
        }
        touched = true;
        undo.push(new UndoStack.Undo(step, what, where, putBack));
        return step(step, work);
    }

    /** Why this run has no use for a step; empty when it has. */
    protected String reasonToLeaveOut(StepId step) {
        return "";
    }

    /** Whether a failed check stops the run and asks a person, rather than being judged in the report alone. */
    protected boolean stopsAtFailedCheck(StepId step) {
        return false;
    }

    /** Takes the lease of a target; its release is the last undo of all. */
    protected final StepOutcome takeLease(StepId step, String target) {
        LeaseActivities leases = leases();
        Fence taken = leases.takeLease(
                new LeaseRequest(target, runName(), runId(), mode == RunMode.RECOVERY, request.takeOver()));
        fence = taken;
        touched = true;
        undo.settle(step);
        undo.push(new UndoStack.Undo(step, "lease", target, () -> leases().releaseLease(taken)));
        return StepOutcome.of("number " + taken.number(), "");
    }

    protected final StepOutcome releaseLease(StepId takenBy) {
        leases().releaseLease(fence());
        undo.settle(takenBy);
        return StepOutcome.of("", "");
    }

    protected final Fence fence() {
        return Objects.requireNonNull(fence, "the step that takes the lease comes first");
    }

    /** What a step changed is gone again, or has become what was wanted. */
    protected final void settle(StepId step) {
        undo.settle(step);
        seen.undone(step);
    }

    /** Point of no return: from here on nothing is undone and abort is refused. */
    protected final void pointOfNoReturn(StepId leaseStep) {
        undo.settleAllBut(leaseStep);
        pastNoReturn = true;
    }

    /**
     * Waits at a gate until a person approves; ends the run when one rejects.
     *
     * @return false when {@code --yes} answered without delay, so that the facts behind the question are still fresh
     */
    protected final boolean approval(StepId gate, String question, String hint, String planDigest) {
        if (request.yes()) {
            desk.note(new Answer("approve", gate.id(), request.requestedBy(), "--yes", HumanDesk.now(), planDigest));
            return false;
        }
        current = gate;
        steps.waiting(gate, "waits for approval");
        Answer answer = ask(new WaitingFor(
                "approval", gate.id(), question, hint, List.of("approve", "reject"), HumanDesk.now(), planDigest));
        if (answer.decision().equals("reject")) {
            steps.failed(gate, "declined by " + answer.who());
            failure = new Failure(
                    FailureCode.DECLINED.name(),
                    gate.id(),
                    "%s declined: %s".formatted(answer.who(), answer.reason()),
                    "nothing of production was touched; start again when the plan is right");
            throw new Stop(Ending.GIVEN_UP);
        }
        return true;
    }

    /** Time since the start that machines are answerable for. */
    protected final Duration machineTime() {
        return Duration.between(startedAt, HumanDesk.now()).minus(desk.waited());
    }

    /** Something that a person has to clean by hand. */
    protected final void leaveBehind(String what, String where) {
        seen.add(new LeftBehind(what, where, null));
    }

    protected final String runName() {
        return Workflow.getInfo().getWorkflowId();
    }

    protected final String runId() {
        return Workflow.getInfo().getRunId();
    }

    /** The options, with the running step as the summary that the Temporal UI shows. */
    protected final ActivityOptions named(ActivityOptions options) {
        return ActivityOptions.newBuilder(options)
                .setSummary(current == null ? runbook : current.id())
                .build();
    }

    private LeaseActivities leases() {
        return Workflow.newActivityStub(LeaseActivities.class, named(ActivityPolicies.smallWrite(TaskQueues.PLATFORM)));
    }

    private void begin(StepId step) {
        current = step;
        failure = null;
        steps.begin(step);
        visibility.step(step.id());
        visibility.details(steps);
    }

    private void refuseFailedChecks(StepId step, StepOutcome outcome) {
        List<Check> failed = outcome.checks().stream()
                .filter(check -> check.verdict() == Verdict.FAIL)
                .toList();
        if (!failed.isEmpty() && stopsAtFailedCheck(step)) {
            Check first = failed.get(0);
            throw new RecoveryFailure(
                    FailureCode.SMOKE_TEST_FAILED,
                    "%d of %d checks failed; '%s' wanted %s and saw %s"
                            .formatted(
                                    failed.size(),
                                    outcome.checks().size(),
                                    first.name(),
                                    first.expected(),
                                    first.observed()),
                    "look at the data, then 'lifeboat retry|skip|abort %s'".formatted(runName()));
        }
    }

    /** Returns whether the step is to be done once more; false when it is skipped. */
    private boolean goOnAfter(StepId step, RuntimeException problem) {
        FailureTranslator.Read read = FailureTranslator.read(problem);
        steps.failed(step, read.message());
        visibility.details(steps);
        if (abort != null || FailureTranslator.isCancellation(problem)) {
            throw new Stop(Ending.GIVEN_UP);
        }
        failure = new Failure(read.code().name(), step.id(), read.message(), read.hint());
        if (!touched && isRefusal(read.code())) {
            throw new Refused(new RecoveryFailure(read.code(), read.message(), read.hint(), problem));
        }
        if (read.code() == FailureCode.FENCED_OUT) {
            throw new Stop(Ending.FAILED);
        }
        Answer answer = ask(decision(step, read));
        if (answer.decision().equals("retry")) {
            return true;
        }
        failure = null;
        steps.skipped(step, "skipped by %s: %s".formatted(answer.who(), answer.reason()));
        visibility.details(steps);
        seen.add(new Finding(
                "medium",
                "step %s was skipped by %s after it failed: %s".formatted(step.id(), answer.who(), read.message()),
                read.hint()));
        return false;
    }

    private static boolean isRefusal(FailureCode code) {
        return code.kind() == Kind.INPUT || code.kind() == Kind.NOT_READY || code == FailureCode.LEASE_HELD;
    }

    private WaitingFor decision(StepId step, FailureTranslator.Read read) {
        List<String> answers = new ArrayList<>(List.of("retry"));
        if (step.maySkip()) {
            answers.add("skip");
        }
        if (!pastNoReturn) {
            answers.add("abort");
        }
        return new WaitingFor(
                "decision",
                step.id(),
                "step %s failed: %s: %s".formatted(step.id(), read.code(), read.message()),
                read.hint(),
                answers,
                HumanDesk.now(),
                null);
    }

    private Answer ask(WaitingFor question) {
        visibility.waitingFor(question.kind());
        visibility.details(steps);
        return desk.ask(question);
    }

    private RunReport finish(Ending reached) {
        pastNoReturn = true;
        Answer aborted = abort;
        if (aborted != null) {
            failure = new Failure(
                    FailureCode.ABORTED.name(),
                    current == null ? "" : current.id(),
                    "%s aborted the run: %s".formatted(aborted.who(), aborted.reason()),
                    "");
        }
        if (reached != Ending.COMPLETED) {
            Failure why = failure;
            List<UndoStack.Failed> left = why != null && why.code().equals(FailureCode.FENCED_OUT.name())
                    ? undo.abandon(new FailureTranslator.Read(FailureCode.FENCED_OUT, why.message(), why.hint()))
                    : undo.unwind(this::undone);
            left.forEach(failed -> {
                seen.add(failed.finding());
                seen.add(failed.leftBehind());
            });
        }
        List<RunReport> report = new ArrayList<>();
        Workflow.newDetachedCancellationScope(() -> {
                    report.add(writeReport(reached));
                    Workflow.await(Workflow::isEveryHandlerFinished);
                })
                .run();
        return report.get(0);
    }

    private void undone(StepId step) {
        steps.undone(step);
        seen.undone(step);
        visibility.details(steps);
    }

    private RunReport writeReport(Ending ending) {
        Failure why = failure;
        while (true) {
            begin(reportStep);
            steps.done(reportStep, "");
            failure = why;
            RunReport report = assemble(ending);
            try {
                Workflow.newActivityStub(
                                EvidenceActivities.class, named(ActivityPolicies.smallWrite(TaskQueues.PLATFORM)))
                        .writeReport(report);
                visibility.ended(report.exitCode());
                visibility.details(steps);
                return report;
            } catch (TemporalFailure problem) {
                if (ending != Ending.COMPLETED) {
                    steps.failed(reportStep, FailureTranslator.read(problem).message());
                    return assemble(ending);
                }
                if (!goOnAfter(reportStep, problem)) {
                    return assemble(ending);
                }
            }
        }
    }

    private RunReport assemble(Ending ending) {
        Achievement reached = achievement();
        Achieved achieved = new Achieved(reached.recoveryTime(), desk.waited(), reached.dataLoss(), reached.givenUp());
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
                failure);
    }

    @Override
    public RunStatus status() {
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

    @Override
    public void validateApprove(GateAnswer answer) {
        desk.mayAnswerGate(answer, "approve", at());
    }

    @Override
    public RunStatus approve(GateAnswer answer) {
        desk.answerGate(answer, "approve");
        return status();
    }

    @Override
    public void validateReject(GateAnswer answer) {
        desk.mayAnswerGate(answer, "reject", at());
    }

    @Override
    public RunStatus reject(GateAnswer answer) {
        desk.answerGate(answer, "reject");
        return status();
    }

    @Override
    public void validateRetry(Decision decision) {
        desk.mayDecide("retry", at());
    }

    @Override
    public RunStatus retry(Decision decision) {
        desk.decide(decision, "retry");
        return status();
    }

    @Override
    public void validateSkip(Decision decision) {
        desk.mayDecide("skip", at());
    }

    @Override
    public RunStatus skip(Decision decision) {
        desk.decide(decision, "skip");
        return status();
    }

    @Override
    public void validateAbort(Decision decision) {
        if (pastNoReturn || abort != null) {
            throw new RecoveryFailure(
                    FailureCode.PAST_NO_RETURN,
                    "cannot abort %s: it is at step %s, past its point of no return".formatted(runName(), at()),
                    "answer 'retry' or 'skip'; how to go back by hand is in 'lifeboat show %s'".formatted(runbook));
        }
    }

    @Override
    public RunStatus abort(Decision decision) {
        abort = new Answer("abort", at(), decision.who(), decision.reason(), HumanDesk.now(), null);
        desk.note(abort);
        if (scope != null) {
            scope.cancel("aborted by " + decision.who());
        }
        return status();
    }

    private String at() {
        return current == null ? "none yet" : current.id();
    }
}
