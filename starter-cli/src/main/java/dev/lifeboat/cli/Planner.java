package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreInput;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Answer;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Backups;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.DumpRestorePlanOf;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PlanOf;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PlannedRestore;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Refusal;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run would do on facts read now. */
final class Planner {

    /** At most one of them: a runbook without decisions has no plan but its steps. */
    record Planned(@Nullable RecoveryPlan recovery, @Nullable PlannedRestore restore) {

        static final Planned NOTHING = new Planned(null, null);
    }

    private final Tool tool;

    Planner(Tool tool) {
        this.tool = tool;
    }

    /**
     * @return {@link Planned#NOTHING} for a runbook whose order of steps is all there is to plan
     * @throws CliFailure with 8 and every reason where it would be refused
     */
    Planned plan(RunOrder order) {
        if (order.input() instanceof DumpRestoreInput input) {
            return dumpRestore(input);
        }
        if (!(order.input() instanceof PitrRecoveryInput input)) {
            // Nothing to decide; asked all the same, so that a run is not started that no worker would take.
            tool.inquiries().ask(new Backups(order.cluster()));
            return Planned.NOTHING;
        }
        Answer answer = tool.inquiries().ask(new PlanOf(input));
        List<Refusal> refusals = answer.refusals();
        if (refusals != null && !refusals.isEmpty()) {
            throw CliFailure.refused(refusals);
        }
        RecoveryPlan plan = answer.plan();
        if (plan == null) {
            throw noPlan();
        }
        return new Planned(plan, null);
    }

    private Planned dumpRestore(DumpRestoreInput input) {
        Answer answer = tool.inquiries().ask(new DumpRestorePlanOf(input));
        List<Refusal> refusals = answer.refusals();
        if (refusals != null && !refusals.isEmpty()) {
            throw CliFailure.refused(refusals);
        }
        PlannedRestore plan = answer.dumpRestore();
        if (plan == null) {
            throw noPlan();
        }
        return new Planned(null, plan);
    }

    private static CliFailure noPlan() {
        return new CliFailure(
                ExitCode.FAILED,
                "NO_PLAN",
                "the worker answered without a plan and without a reason",
                "do tool and worker have the same version?");
    }

    static Map<String, Object> document(RunOrder order, Planned planned) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("runbook", order.runbook().id());
        document.put("run", order.name());
        document.put("mode", order.mode());
        document.put("objectives", order.objectives());
        if (planned.recovery() != null) {
            document.put("plan", planned.recovery());
        }
        if (planned.restore() != null) {
            document.put("plan", planned.restore().plan());
            document.put("findings", planned.restore().findings());
        }
        document.put(
                "steps",
                order.steps().stream()
                        .map(step -> Map.of("id", step.id(), "changes", step.changes(), "undo", step.undo()))
                        .toList());
        return document;
    }
}
