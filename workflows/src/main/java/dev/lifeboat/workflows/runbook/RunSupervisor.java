package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Answer;
import dev.lifeboat.workflows.contract.evidence.RunReport.Failure;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities.LeaseRequest;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.ExpiryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Scope;
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
public abstract class RunSupervisor extends RunDialogue {

    private final RunRecord record;
    private final RunEnding ending;
    private final UndoStack undo = new UndoStack();
    private @Nullable Fence fence;
    private @Nullable StepId leaseStep;
    private boolean touched;

    /** @param all the steps in order; the last one writes the report */
    protected RunSupervisor(String runbook, List<? extends StepId> all, RunRequest request, RunMode mode) {
        this(new RunRecord(runbook, all, request, mode), all.get(all.size() - 1));
    }

    private RunSupervisor(RunRecord record, StepId reportStep) {
        super(record);
        this.record = record;
        this.ending = new RunEnding(record, undo, reportStep);
    }

    /** What a runbook alone knows about its success. */
    protected abstract Achievement achievement();

    /** Why this run has no use for a step; empty when it has. */
    protected String reasonToLeaveOut(StepId step) {
        return "";
    }

    /** Whether a failed check stops the run and asks a person, rather than being judged in the report alone. */
    protected boolean stopsAtFailedCheck(StepId step) {
        return false;
    }

    /**
     * Runs the steps to their end, or undoes them, and reports either way. Only a run that was refused before it changed
     * anything ends with a failure and no report.
     */
    protected final RunReport supervise(Proc body) {
        record.visibility().started(record.runbook(), runName(), record.mode().toString());
        Ending reached = Ending.COMPLETED;
        try {
            CancellationScope steps = Workflow.newCancellationScope(body::apply);
            abortCancels(steps);
            steps.run();
        } catch (RunStop stop) {
            reached = stop.ending();
        } catch (RunRefused refused) {
            ending.forget();
            throw FailureTranslator.toTemporal(refused.why());
        } catch (TemporalFailure failure) {
            reached = FailureTranslator.isCancellation(failure) ? Ending.GIVEN_UP : Ending.FAILED;
            FailureTranslator.Read read = FailureTranslator.read(failure);
            record.failure(new Failure(read.code().name(), record.at(), read.message(), read.hint()));
        }
        if (reached == Ending.GIVEN_UP && isPastNoReturn()) {
            reached = Ending.FAILED;
        }
        refuseAbort();
        return ending.finish(reached, aborted(), this::achievement, this::goOnAfter);
    }

    /**
     * One line of the runbook: done once, then again until it succeeds or a person decides otherwise.
     *
     * @return false when it was left out by this run's plan, or skipped by a person
     * @throws StepsAgain when the work throws it
     */
    protected final boolean step(StepId step, Func<StepOutcome> work) {
        String reason = reasonToLeaveOut(step);
        if (!reason.isEmpty()) {
            record.steps().skipped(step, reason);
            return false;
        }
        while (true) {
            try {
                record.begin(step);
                Instant begun = HumanDesk.now();
                StepOutcome outcome = work.apply();
                record.add(step, Duration.between(begun, HumanDesk.now()), outcome);
                refuseFailedChecks(step, outcome);
                if (outcome.leftOut()) {
                    record.steps().leftOut(step, outcome.detail());
                } else {
                    record.steps().done(step, outcome.detail());
                }
                record.show();
                return true;
            } catch (StepsAgain again) {
                record.steps().failed(step, String.valueOf(again.getMessage()));
                record.show();
                throw again;
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

    /**
     * Waits at a gate until a person approves; ends the run when one rejects.
     *
     * @return false when {@code --yes} answered without delay, so that the facts behind the question are still fresh
     */
    protected final boolean approval(StepId gate, String question, String hint, String planDigest) {
        RunRequest request = record.request();
        if (request.yes()) {
            record.desk()
                    .note(new Answer(
                            "approve", gate.id(), request.requestedBy(), "--yes", HumanDesk.now(), planDigest));
            return false;
        }
        record.at(gate);
        record.steps().waiting(gate, "waits for approval");
        Answer answer = ask(new WaitingFor(
                "approval", gate.id(), question, hint, List.of("approve", "reject"), HumanDesk.now(), planDigest));
        if (answer.decision().equals("reject")) {
            record.steps().failed(gate, "declined by " + answer.who());
            record.failure(new Failure(
                    FailureCode.DECLINED.name(),
                    gate.id(),
                    "%s declined: %s".formatted(answer.who(), answer.reason()),
                    "what had been changed is undone; start again when the plan is right"));
            throw new RunStop(Ending.GIVEN_UP);
        }
        return true;
    }

    /** Takes the lease of a target; its release is the last undo of all. */
    protected final StepOutcome takeLease(StepId step, String target) {
        boolean recovery = record.mode() == RunMode.RECOVERY;
        Fence taken = leases().takeLease(new LeaseRequest(
                target,
                runName(),
                record.runId(),
                Workflow.getInfo().getNamespace(),
                recovery,
                record.request().takeOver()));
        fence = taken;
        leaseStep = step;
        touched = true;
        undo.settle(step);
        undo.push(new UndoStack.Undo(step, "lease", target, () -> leases().releaseLease(taken)));
        return StepOutcome.of("number " + taken.number(), "");
    }

    protected final StepOutcome releaseLease() {
        leases().releaseLease(fence());
        settleLease();
        return StepOutcome.of("", "");
    }

    /** Deletes what retention no longer keeps. That it cannot be done is a finding: the backup that was made is none the worse. */
    protected final StepOutcome expireBackups(String cluster, Scope scope) {
        ExpiryOrder order = new ExpiryOrder(cluster, List.of(fence()), scope, runName(), record.startedAt());
        return Expiration.run(named(ActivityPolicies.longRunning(TaskQueues.postgres(cluster))), order);
    }

    private void settleLease() {
        if (leaseStep != null) {
            undo.settle(leaseStep);
        }
    }

    protected final Fence fence() {
        return Objects.requireNonNull(fence, "the step that takes the lease comes first");
    }

    /** What a step changed is gone again, or has become what was wanted. */
    protected final void settle(StepId step) {
        undo.settle(step);
        record.seen().undone(step);
    }

    /** Point of no return: from here on nothing but the lease is undone, and abort is refused. */
    protected final void pointOfNoReturn() {
        undo.settleAllBut(Objects.requireNonNull(leaseStep));
        refuseAbort();
    }

    /**
     * Ends the run as failed after all its steps were gone through: one of them did less than it was asked for. No person is
     * waited for.
     */
    protected final void endFailed(StepId step, RecoveryFailure why) {
        FailureTranslator.Read read =
                new FailureTranslator.Read(why.code(), String.valueOf(why.getMessage()), why.hint());
        record.steps().failed(step, read.message());
        record.failedAt(step, read);
        throw new RunStop(Ending.FAILED);
    }

    /** Something that an owner should look at, which no step's outcome carries. */
    protected final void note(Finding finding) {
        record.seen().add(finding);
    }

    /** The checks of a step that is over, with what has become known of them since. */
    protected final void restate(StepId step, List<Check> checks) {
        record.seen().restate(step, checks);
    }

    /** Something that a person has to clean by hand. */
    protected final void leaveBehind(String what, String where) {
        record.seen().add(new LeftBehind(what, where, null));
    }

    /** Time since the start that machines are answerable for. */
    protected final Duration machineTime() {
        return record.machineTime();
    }

    protected final String runName() {
        return record.runName();
    }

    /** The options, with the running step as the summary that the Temporal UI shows, and for its log. */
    protected final ActivityOptions named(ActivityOptions options) {
        return record.named(options);
    }

    private LeaseActivities leases() {
        return Workflow.newActivityStub(LeaseActivities.class, named(ActivityPolicies.smallWrite(TaskQueues.PLATFORM)));
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
                    "look at the data before you answer for %s".formatted(runName()));
        }
    }

    /** Returns whether the step is to be done once more; false when it is skipped. */
    private boolean goOnAfter(StepId step, RuntimeException problem) {
        FailureTranslator.Read read = FailureTranslator.read(problem);
        record.steps().failed(step, read.message());
        record.show();
        if (aborted() != null && !isPastNoReturn() || FailureTranslator.isCancellation(problem)) {
            throw new RunStop(Ending.GIVEN_UP);
        }
        record.failedAt(step, read);
        if (!touched && isRefusal(read.code())) {
            throw new RunRefused(new RecoveryFailure(read.code(), read.message(), read.hint()));
        }
        if (read.code() == FailureCode.FENCED_OUT) {
            // The lease is the other run's now: there is none to give back.
            settleLease();
            throw new RunStop(Ending.FAILED);
        }
        Answer answer = ask(decision(step, read));
        if (answer.decision().equals("retry")) {
            return true;
        }
        record.failure(null);
        record.steps().skipped(step, "skipped by %s: %s".formatted(answer.who(), answer.reason()));
        record.show();
        record.seen()
                .add(new Finding(
                        "medium",
                        "step %s was skipped by %s after it failed: %s"
                                .formatted(step.id(), answer.who(), read.message()),
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
        if (!isPastNoReturn()) {
            answers.add("abort");
        }
        String question = "step %s failed: %s: %s".formatted(step.id(), read.code(), read.message());
        return new WaitingFor("decision", step.id(), question, read.hint(), answers, HumanDesk.now(), null);
    }

    private Answer ask(WaitingFor question) {
        record.visibility().waitingFor(question.kind());
        record.show();
        return record.desk().ask(question);
    }
}
