package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities.DumpQuery;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupInput;
import dev.lifeboat.workflows.runbook.dailydump.DailyDumpInput;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreInput;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Answer;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Backups;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.BaseBackupPlanOf;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.DailyDumpPlanOf;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.DumpRestorePlanOf;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PlanOf;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PlannedBackup;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PlannedRestore;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Question;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Refusal;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.VerificationPlanOf;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationInput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run would do on facts read now. */
final class Planner {

    /**
     * What was planned.
     *
     * @param plan     for scripts; null for a runbook whose order of steps is all there is to plan
     * @param findings what its owner should know before it begins; null where a plan has none
     * @param facts    the plan for people
     */
    record Planned(@Nullable Object plan, @Nullable List<Finding> findings, List<String> facts) {}

    private final Tool tool;

    Planner(Tool tool) {
        this.tool = tool;
    }

    /** @throws CliFailure with 8 and every reason where it would be refused */
    Planned plan(RunOrder order) {
        if (order.input() instanceof PitrRecoveryInput input) {
            RecoveryPlan plan = required(answer(new PlanOf(input)).plan());
            return new Planned(plan, null, new PlanText(order, tool.surroundings()).facts(plan));
        }
        if (order.input() instanceof DumpRestoreInput input) {
            PlannedRestore planned =
                    required(answer(new DumpRestorePlanOf(input)).dumpRestore());
            return new Planned(
                    planned.plan(),
                    planned.findings(),
                    DumpRestorePlanText.facts(
                                    planned, tool.surroundings().clock().instant())
                            .lines());
        }
        if (order.input() instanceof RestoreVerificationInput input) {
            VerificationPlan plan =
                    required(answer(new VerificationPlanOf(input)).verification());
            return new Planned(plan, null, VerificationPlanText.facts(plan));
        }
        // Nothing to decide; asked all the same, so that a run is not started that no worker would take.
        tool.inquiries().ask(new Backups(order.cluster()));
        return new Planned(null, null, List.of());
    }

    /** The same, and of a backup what its first step would find: it is refused here where it would be there. */
    Planned examined(RunOrder order) {
        PlannedBackup backup = null;
        if (order.input() instanceof BaseBackupInput input) {
            backup = required(answer(new BaseBackupPlanOf(input.cluster())).backup());
        } else if (order.input() instanceof DailyDumpInput input) {
            backup = required(answer(new DailyDumpPlanOf(new DumpQuery(input.cluster(), input.database())))
                    .backup());
        }
        return backup == null ? plan(order) : new Planned(backup, backup.findings(), facts(backup));
    }

    private static List<String> facts(PlannedBackup backup) {
        Table table = new Table();
        table.row("  found", backup.found());
        if (!backup.databases().isEmpty()) {
            table.row("  dumps", String.join(", ", backup.databases()));
        }
        backup.findings().forEach(finding -> table.row("  look at", finding.what()));
        return table.lines();
    }

    private Answer answer(Question question) {
        Answer answer = tool.inquiries().ask(question);
        List<Refusal> refusals = answer.refusals();
        if (refusals != null && !refusals.isEmpty()) {
            throw CliFailure.refused(refusals);
        }
        return answer;
    }

    private static <T> T required(@Nullable T plan) {
        if (plan == null) {
            throw new CliFailure(
                    ExitCode.FAILED,
                    "NO_PLAN",
                    "the worker answered without a plan and without a reason",
                    "do tool and worker have the same version?");
        }
        return plan;
    }

    static Map<String, Object> document(RunOrder order, Planned planned) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("runbook", order.runbook().id());
        document.put("run", order.name());
        document.put("mode", order.mode());
        document.put("objectives", order.objectives());
        if (planned.plan() != null) {
            document.put("plan", planned.plan());
        }
        if (planned.findings() != null) {
            document.put("findings", planned.findings());
        }
        document.put(
                "steps",
                order.steps().stream()
                        .map(step -> Map.of("id", step.id(), "changes", step.changes(), "undo", step.undo()))
                        .toList());
        return document;
    }
}
