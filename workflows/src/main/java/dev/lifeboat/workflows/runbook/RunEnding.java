package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.RefusedRun;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.Written;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Answer;
import dev.lifeboat.workflows.contract.evidence.RunReport.Failure;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.runbook.Verdictor.Ending;
import io.temporal.activity.ActivityOptions;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Functions.Func;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The end of every run, whichever way it came to it: undo what must not stay, judge, write the report. */
final class RunEnding {

    /** Asks a person about a step that failed; true when it is to be done once more. */
    interface AfterFailure {
        boolean goOn(StepId step, RuntimeException problem);
    }

    private final RunRecord record;
    private final UndoStack undo;
    private final StepId reportStep;

    RunEnding(RunRecord record, UndoStack undo, StepId reportStep) {
        this.record = record;
        this.undo = undo;
        this.reportStep = reportStep;
    }

    /** Out of reach of any cancellation: a run that was cancelled undoes and reports like any other. */
    RunReport finish(Ending reached, @Nullable Answer abort, Func<Achievement> achievement, AfterFailure afterFailure) {
        if (abort != null && reached != Ending.COMPLETED) {
            record.failure(new Failure(
                    FailureCode.ABORTED.name(),
                    abort.step(),
                    "%s aborted the run: %s".formatted(abort.who(), abort.reason()),
                    ""));
        }
        if (reached != Ending.COMPLETED) {
            putBack();
        }
        List<RunReport> report = new ArrayList<>();
        Workflow.newDetachedCancellationScope(() -> {
                    report.add(writeReport(reached, achievement, afterFailure));
                    Workflow.await(Workflow::isEveryHandlerFinished);
                })
                .run();
        return report.get(0);
    }

    /** A refused run has no report, and leaves nothing else either. Best effort: the refusal itself must not wait. */
    void forget() {
        EvidenceActivities once = Workflow.newActivityStub(
                EvidenceActivities.class,
                ActivityOptions.newBuilder(ActivityPolicies.probe(TaskQueues.PLATFORM))
                        .setSummary("no trace of a refused run")
                        .build());
        try {
            once.forgetRefusedRun(new RefusedRun(record.runName(), record.runId(), record.startedAt()));
        } catch (TemporalFailure problem) {
            Workflow.getLogger(RunEnding.class)
                    .warn(
                            "the step logs of a refused run stay: {}",
                            FailureTranslator.read(problem).message());
        }
    }

    private void putBack() {
        Failure why = record.failure();
        List<UndoStack.Failed> left = why != null && why.code().equals(FailureCode.FENCED_OUT.name())
                ? undo.abandon(new FailureTranslator.Read(FailureCode.FENCED_OUT, why.message(), why.hint()))
                : undo.unwind(this::undone);
        left.forEach(failed -> {
            record.seen().add(failed.finding());
            record.seen().add(failed.leftBehind());
        });
    }

    private void undone(StepId step) {
        record.steps().undone(step);
        record.seen().undone(step);
        record.show();
    }

    /** A report of success is worth waiting for; one of failure is returned either way, and written as soon as it can be. */
    private RunReport writeReport(Ending ending, Func<Achievement> achievement, AfterFailure afterFailure) {
        Failure why = record.failure();
        while (true) {
            record.begin(reportStep);
            record.steps().done(reportStep, "");
            record.failure(why);
            RunReport report = record.report(ending, achievement.apply());
            try {
                Written written = evidence().writeReport(report);
                record.visibility().ended(report.exitCode());
                record.show();
                return report.keptAt(written.address(), written.logs(), written.previous());
            } catch (TemporalFailure problem) {
                if (ending != Ending.COMPLETED) {
                    return writeLater(ending, achievement, FailureTranslator.read(problem));
                }
                if (!afterFailure.goOn(reportStep, problem)) {
                    return record.report(ending, achievement.apply());
                }
            }
        }
    }

    /** People have waited long enough; the evidence follows by itself. */
    private RunReport writeLater(Ending ending, Func<Achievement> achievement, FailureTranslator.Read why) {
        record.steps().failed(reportStep, why.message());
        boolean known = Workflow.getVersion("late-report", Workflow.DEFAULT_VERSION, 1) != Workflow.DEFAULT_VERSION;
        if (known) {
            record.seen()
                    .add(new Finding(
                            "medium",
                            "the report was not in the bucket when the run ended: " + why.message(),
                            "it comes there by itself within minutes after the bucket can be written (workflow %s)"
                                    .formatted(LateReportWorkflow.idOf(record.runId()))));
        }
        RunReport report = record.report(ending, achievement.apply());
        if (known) {
            startLate(report);
        }
        return report;
    }

    private void startLate(RunReport report) {
        LateReportWorkflow late = Workflow.newChildWorkflowStub(
                LateReportWorkflow.class,
                ChildWorkflowOptions.newBuilder()
                        .setWorkflowId(LateReportWorkflow.idOf(record.runId()))
                        .setTaskQueue(TaskQueues.RUNBOOKS)
                        .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON)
                        .build());
        Async.procedure(late::write, report);
        try {
            // Only once it has begun does it outlive this run.
            Workflow.getWorkflowExecution(late).get();
        } catch (TemporalFailure notStarted) {
            Workflow.getLogger(RunEnding.class).warn("nobody writes the report later: {}", notStarted.getMessage());
        }
    }

    private EvidenceActivities evidence() {
        return Workflow.newActivityStub(
                EvidenceActivities.class,
                ActivityOptions.newBuilder(ActivityPolicies.smallWrite(TaskQueues.PLATFORM))
                        .setSummary(reportStep.id())
                        .build());
    }
}
