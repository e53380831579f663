package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.RunReport.Answer;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import io.temporal.workflow.CancellationScope;
import org.jspecify.annotations.Nullable;

/** What people may say to a run, the same for every runbook. */
abstract class RunDialogue implements RunMessages {

    private final RunRecord record;
    private @Nullable CancellationScope scope;
    private @Nullable Answer abort;
    private boolean pastNoReturn;

    RunDialogue(RunRecord record) {
        this.record = record;
    }

    /**
     * An abort cancels this scope, which holds every step and no undo. One that came with the first task of the run was
     * answered before the run began: messages come first.
     */
    void abortCancels(CancellationScope steps) {
        scope = steps;
        Answer already = abort;
        if (already != null) {
            cancel(steps, already);
        }
    }

    /** From here on nobody can abort. */
    void refuseAbort() {
        pastNoReturn = true;
    }

    boolean isPastNoReturn() {
        return pastNoReturn;
    }

    @Nullable Answer aborted() {
        return abort;
    }

    @Override
    public RunStatus status() {
        return record.status();
    }

    @Override
    public void validateApprove(GateAnswer answer) {
        record.desk().mayAnswerGate(answer, "approve", record.at());
    }

    @Override
    public RunStatus approve(GateAnswer answer) {
        record.desk().answerGate(answer, "approve");
        return status();
    }

    @Override
    public void validateReject(GateAnswer answer) {
        record.desk().mayAnswerGate(answer, "reject", record.at());
    }

    @Override
    public RunStatus reject(GateAnswer answer) {
        record.desk().answerGate(answer, "reject");
        return status();
    }

    @Override
    public void validateRetry(Decision decision) {
        record.desk().mayDecide("retry", record.at());
    }

    @Override
    public RunStatus retry(Decision decision) {
        record.desk().decide(decision, "retry");
        return status();
    }

    @Override
    public void validateSkip(Decision decision) {
        record.desk().mayDecide("skip", record.at());
    }

    @Override
    public RunStatus skip(Decision decision) {
        record.desk().decide(decision, "skip");
        return status();
    }

    @Override
    public void validateAbort(Decision decision) {
        if (abort != null) {
            throw new RecoveryFailure(
                    FailureCode.NOT_WAITING,
                    "cannot abort %s: %s did so already".formatted(record.runName(), abort.who()),
                    "follow it with 'lifeboat watch %s'".formatted(record.runName()));
        }
        if (pastNoReturn) {
            throw new RecoveryFailure(
                    FailureCode.PAST_NO_RETURN,
                    "cannot abort %s: it is at step %s, past its point of no return"
                            .formatted(record.runName(), record.at()),
                    "answer 'retry' or 'skip'; how to go back by hand is in 'lifeboat show %s'"
                            .formatted(record.runbook()));
        }
    }

    @Override
    public RunStatus abort(Decision decision) {
        Answer answer = new Answer("abort", record.at(), decision.who(), decision.reason(), HumanDesk.now(), null);
        abort = answer;
        record.desk().note(answer);
        if (scope != null) {
            cancel(scope, answer);
        }
        return status();
    }

    private static void cancel(CancellationScope steps, Answer abort) {
        steps.cancel("aborted by " + abort.who());
    }
}
