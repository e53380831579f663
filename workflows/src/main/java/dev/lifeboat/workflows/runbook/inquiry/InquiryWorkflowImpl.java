package dev.lifeboat.workflows.runbook.inquiry;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FolderQuery;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.ReportQuery;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.objectstore.ObjectStoreActivities;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.InspectOrder;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Choice;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Source;
import dev.lifeboat.workflows.contract.postgres.KeyActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.CleanupOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.SetupOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresDoctorActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities.DumpQuery;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities.FoundDatabases;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.runbook.dumprestore.DumpChoice;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreInput;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestorePlanning;
import dev.lifeboat.workflows.runbook.dumprestore.PlannedDumpRestore;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryPlan;
import dev.lifeboat.workflows.runbook.pitrrecovery.PlannedRecovery;
import dev.lifeboat.workflows.runbook.restoreverification.PlannedVerification;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationInput;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationPlan;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.util.List;

/** One activity behind each question, asked with little patience: a person waits at the terminal. */
public final class InquiryWorkflowImpl implements InquiryWorkflow {

    @Override
    public Answer ask(Question question) {
        if (question instanceof Backups of) {
            return answer().backups(catalog(of.cluster()).listBackups(of.cluster()))
                    .build();
        }
        if (question instanceof WindowOf of) {
            return answer().window(catalog(of.cluster()).window(of.cluster())).build();
        }
        if (question instanceof PlanOf of) {
            return plan(of.input());
        }
        if (question instanceof DumpRestorePlanOf of) {
            return plan(of.input());
        }
        if (question instanceof ReportOf of) {
            RunReport report = evidence().readReport(new ReportQuery(of.run(), of.runId()));
            return answer().reports(report == null ? List.of() : List.of(report))
                    .build();
        }
        if (question instanceof NewestReports of) {
            return answer().reports(Trimmed.reports(evidence().newestReports(of.runs())))
                    .build();
        }
        if (question instanceof FolderOf of) {
            return answer().folder(evidence().readFolder(new FolderQuery(of.run(), of.runId(), of.from())))
                    .build();
        }
        if (question instanceof SetupOf of) {
            return answer().setup(catalog(of.cluster()).setup(new SetupOrder(of.cluster(), of.apply())))
                    .build();
        }
        if (question instanceof RewrapOf of) {
            String queue = TaskQueues.postgres(of.order().cluster());
            return answer().rewrap(Workflow.newActivityStub(KeyActivities.class, ActivityPolicies.probe(queue))
                            .rewrap(of.order()))
                    .build();
        }
        if (question instanceof ExpiryOf of) {
            return answer().expiry(ExpiryInquiry.ask(of.cluster(), of.apply())).build();
        }
        if (question instanceof PinOf of) {
            return answer().pinned(ExpiryInquiry.pin(of.order())).build();
        }
        if (question instanceof BucketExamined) {
            return answer().examinations(Workflow.newActivityStub(
                                    ObjectStoreActivities.class, ActivityPolicies.probe(TaskQueues.PLATFORM))
                            .examine())
                    .build();
        }
        if (question instanceof VerificationPlanOf of) {
            return verificationPlan(of.input());
        }
        if (question instanceof BaseBackupPlanOf of) {
            return answer().backup(
                            List.of(),
                            Workflow.newActivityStub(
                                            PostgresBackupActivities.class,
                                            ActivityPolicies.probe(TaskQueues.postgres(of.cluster())))
                                    .checkCluster(of.cluster()))
                    .build();
        }
        if (question instanceof DailyDumpPlanOf of) {
            return plan(of.query());
        }
        if (question instanceof ClusterExamined of) {
            return answer().examinations(Workflow.newActivityStub(
                                    PostgresDoctorActivities.class,
                                    ActivityPolicies.probe(TaskQueues.postgres(of.cluster())))
                            .examine(of.cluster()))
                    .build();
        }
        CleanupOf of = (CleanupOf) question;
        return answer().cleanup(catalog(of.cluster()).cleanup(new CleanupOrder(of.cluster(), of.apply())))
                .build();
    }

    private static Answer plan(PitrRecoveryInput input) {
        PostgresRecoveryActivities recovery = Workflow.newActivityStub(
                PostgresRecoveryActivities.class, ActivityPolicies.probe(TaskQueues.postgres(input.cluster())));
        PlannedRecovery planned = PitrRecoveryPlan.decide(input, recovery.gatherFacts(PitrRecoveryPlan.query(input)));
        return answer().plan(planned, refusals(planned.refusals())).build();
    }

    private static Answer plan(DumpQuery query) {
        FoundDatabases found = Workflow.newActivityStub(
                        PostgresDumpActivities.class, ActivityPolicies.probe(TaskQueues.postgres(query.cluster())))
                .findDatabases(query);
        return answer().backup(found.databases(), found.outcome()).build();
    }

    private static Answer verificationPlan(RestoreVerificationInput input) {
        PostgresVerificationActivities verification = Workflow.newActivityStub(
                PostgresVerificationActivities.class, ActivityPolicies.probe(TaskQueues.postgres(input.cluster())));
        PlannedVerification planned = RestoreVerificationPlan.decide(input, verification.gatherFacts(input.cluster()));
        return answer().verification(planned, refusals(planned.refusals())).build();
    }

    private static List<Refusal> refusals(List<RecoveryFailure> reasons) {
        return reasons.stream().map(InquiryWorkflowImpl::refusal).toList();
    }

    private static Answer plan(DumpRestoreInput input) {
        DumpRestoreActivities restore = Workflow.newActivityStub(
                DumpRestoreActivities.class, ActivityPolicies.probe(TaskQueues.postgres(input.cluster())));
        DumpRestoreFacts facts = restore.gatherFacts(DumpRestorePlanning.query(input));
        Choice choice;
        try {
            choice = DumpChoice.choose(input, facts);
        } catch (RecoveryFailure reason) {
            return answer().dumpRestore(null, List.of(refusal(reason))).build();
        }
        Source source = restore.inspect(new InspectOrder(input.cluster(), input.database(), choice, input.tables()))
                .source();
        PlannedDumpRestore planned =
                DumpRestorePlanning.decide(input, facts, source, Instant.ofEpochMilli(Workflow.currentTimeMillis()));
        DumpRestorePlan plan = planned.plan();
        return answer().dumpRestore(
                        plan == null ? null : new PlannedRestore(plan, planned.findings()),
                        refusals(planned.refusals()))
                .build();
    }

    private static Refusal refusal(RecoveryFailure reason) {
        return new Refusal(reason.code().name(), String.valueOf(reason.getMessage()), reason.hint());
    }

    private static PostgresCatalogActivities catalog(String cluster) {
        return Workflow.newActivityStub(
                PostgresCatalogActivities.class, ActivityPolicies.probe(TaskQueues.postgres(cluster)));
    }

    private static EvidenceActivities evidence() {
        return Workflow.newActivityStub(EvidenceActivities.class, ActivityPolicies.probe(TaskQueues.PLATFORM));
    }

    private static AnswerBuilder answer() {
        return new AnswerBuilder();
    }
}
