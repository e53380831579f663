package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.domain.FailureCode;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Functions.Proc;
import io.temporal.workflow.Workflow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What has to be put back when a run gives up, newest first. Unlike Temporal's {@code Saga} it runs every undo, whatever
 * became of the one before, and names each one that failed.
 */
final class UndoStack {

    /**
     * @param step what it undoes
     * @param what a person would have to put back, should the undo fail
     * @param where it is
     */
    record Undo(StepId step, String what, String where, Proc action) {}

    /** An undo that was tried, or could not even be tried, without success. */
    record Failed(Undo undo, FailureTranslator.Read why) {

        Finding finding() {
            return new Finding(
                    "high",
                    "%s: %s was not put back: %s".formatted(FailureCode.UNDO_FAILED, undo.what(), why.message()),
                    why.hint());
        }

        LeftBehind leftBehind() {
            return new LeftBehind(undo.what(), undo.where(), null);
        }
    }

    /** Tells which undo went well. */
    interface Listener {
        void undone(StepId step);
    }

    private final Deque<Undo> undos = new ArrayDeque<>();

    /** To be called before the step: an undo must tolerate that there is nothing to undo. */
    void push(Undo undo) {
        undos.push(undo);
    }

    /** The step's effect is gone, or meant to stay. */
    void settle(StepId step) {
        undos.removeIf(undo -> undo.step().id().equals(step.id()));
    }

    /** From here on only the undo of this step is left. */
    void settleAllBut(StepId step) {
        undos.removeIf(undo -> !undo.step().id().equals(step.id()));
    }

    boolean isEmpty() {
        return undos.isEmpty();
    }

    /** Runs every undo in reverse order, out of reach of any cancellation, and returns those that failed. */
    List<Failed> unwind(Listener listener) {
        List<Failed> failed = new ArrayList<>();
        Workflow.newDetachedCancellationScope(() -> {
                    while (!undos.isEmpty()) {
                        Undo undo = undos.pop();
                        try {
                            undo.action().apply();
                            listener.undone(undo.step());
                        } catch (TemporalFailure failure) {
                            failed.add(new Failed(undo, FailureTranslator.read(failure)));
                        }
                    }
                })
                .run();
        return List.copyOf(failed);
    }

    /** Gives every undo up for one reason, for example because another run owns the target now. */
    List<Failed> abandon(FailureTranslator.Read why) {
        List<Failed> failed = undos.stream().map(undo -> new Failed(undo, why)).toList();
        undos.clear();
        return failed;
    }
}
