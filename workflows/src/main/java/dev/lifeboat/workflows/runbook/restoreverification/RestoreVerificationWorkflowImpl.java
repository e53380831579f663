package dev.lifeboat.workflows.runbook.restoreverification;

import static dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationStep.*;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.CheckedDatabase;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.LoadedDump;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.ProofOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.ProvenChecks;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.VerificationFacts;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.VerificationOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.Achievement;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.RunSupervisor;
import dev.lifeboat.workflows.runbook.StepId;
import io.temporal.activity.ActivityOptions;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The order of a verification. A dump that cannot be restored is what it is there to find: it reports, and asks nobody. */
public final class RestoreVerificationWorkflowImpl extends RunSupervisor implements RestoreVerificationWorkflow {

    public static final String RUNBOOK = "restore-verification";

    private final RestoreVerificationInput input;
    private final Instant startedAt = Instant.ofEpochMilli(Workflow.currentTimeMillis());
    private final KnownFailures checks = new KnownFailures();
    private @Nullable VerificationFacts facts;
    private @Nullable VerificationPlan plan;
    private boolean loaded;
    private boolean waved;
    private @Nullable Instant newestMarker;
    private @Nullable Duration recoveryTime;

    @WorkflowInit
    public RestoreVerificationWorkflowImpl(RestoreVerificationInput input) {
        super(RUNBOOK, List.of(RestoreVerificationStep.values()), input.request(), RunMode.DRILL);
        this.input = input;
    }

    @Override
    public RunReport verify(RestoreVerificationInput same) {
        return supervise(this::verify);
    }

    private void verify() {
        step(SELECT_DUMP, this::selectDump);
        step(TAKE_LEASE, () -> takeLease(TAKE_LEASE, input.cluster() + ".verification"));
        String server = plan().directories().workspace();
        step(START_SERVER, () -> slow().startServer(order()), "throw-away server", server, this::undoServer);
        step(RESTORE_GLOBALS, () -> checks.told(RESTORE_GLOBALS, slow().restoreGlobals(order())));
        step(LOAD_DUMP, this::loadDump);
        step(CHECK_DATABASE, this::checkDatabase);
        optional(PROVE_CHECKS, () -> step(PROVE_CHECKS, this::proveChecks));
        step(REMOVE_SERVER, input.keep() ? this::keepServer : this::removeServer);
        optional(PROVE_POINT_IN_TIME, () -> step(PROVE_POINT_IN_TIME, this::provePointInTime));
        step(NOTE_PROOF, () -> quick().noteProof(new ProofOrder(order(), checks.green(), now())));
        step(RELEASE_LEASE, this::releaseLease);
    }

    /** What a person waved through was not proved, whatever else is green. */
    private void optional(RestoreVerificationStep step, BooleanSupplier done) {
        if (!done.getAsBoolean() && reasonToLeaveOut(step).isEmpty()) {
            waved = true;
        }
    }

    private StepOutcome selectDump() {
        VerificationFacts read =
                activities(ActivityPolicies.patientProbe(queue())).gatherFacts(input.cluster());
        VerificationPlan made = RestoreVerificationPlan.decide(input, read).orThrow();
        facts = read;
        plan = made;
        checks.know(read.seenToFail());
        return read.outcome()
                .withDetail("%s, %s".formatted(made.dump().id(), made.why()))
                .withFindings(findings(read, made));
    }

    private List<Finding> findings(VerificationFacts read, VerificationPlan made) {
        List<Finding> findings = new ArrayList<>();
        read.unusable()
                .forEach(unusable -> findings.add(new Finding(
                        "medium",
                        "the dump %s cannot be taken: %s".formatted(unusable.id(), unusable.why()),
                        "'lifeboat backups %s' lists what exists".formatted(input.cluster()))));
        if (!made.otherDatabases().isEmpty()) {
            findings.add(new Finding(
                    "low",
                    "dumps of %s are not restored by this run".formatted(String.join(", ", made.otherDatabases())),
                    "'lifeboat start restore-verification --cluster %s --database %s' does; a schedule with the input random draws from the dumps of all"
                            .formatted(input.cluster(), made.otherDatabases().get(0))));
        }
        return findings;
    }

    private StepOutcome loadDump() {
        LoadedDump dump = slow().loadDump(order());
        loaded = dump.loaded();
        return checks.told(LOAD_DUMP, dump.outcome());
    }

    private StepOutcome checkDatabase() {
        CheckedDatabase checked = slow().checkDatabase(order());
        newestMarker = checked.newestMarker();
        boolean green = checked.outcome().checks().stream().noneMatch(check -> check.verdict() == Verdict.FAIL);
        recoveryTime = green ? machineTime() : null;
        return checks.told(CHECK_DATABASE, checked.outcome());
    }

    private StepOutcome proveChecks() {
        ProvenChecks proven = slow().proveChecks(order());
        checks.know(proven.seenToFail());
        checks.steps().forEach(step -> restate(step, checks.told(step)));
        checks.add(PROVE_CHECKS, proven.outcome());
        return proven.outcome();
    }

    private StepOutcome provePointInTime() {
        Window window = Workflow.newActivityStub(
                        PostgresCatalogActivities.class, named(ActivityPolicies.patientProbe(queue())))
                .window(input.cluster());
        Optional<ReachableMoment> moment =
                ReachableMoment.draw(window, facts().lots().moment());
        StepOutcome outcome =
                moment.isEmpty() ? DrillVerdicts.nothingToRecoverFrom(input.cluster()) : drill(moment.get());
        return checks.told(PROVE_POINT_IN_TIME, outcome);
    }

    /** A child run of its own name: its lock, its history and its report are those of any drill. */
    private StepOutcome drill(ReachableMoment moment) {
        String run = DrillOrder.runName(input.cluster());
        try {
            RunReport report = Workflow.newUntypedChildWorkflowStub(
                            DrillOrder.TYPE,
                            ChildWorkflowOptions.newBuilder()
                                    .setWorkflowId(run)
                                    .setTaskQueue(TaskQueues.RUNBOOKS)
                                    .setCancellationType(ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED)
                                    // It removes its copy itself; ended from outside it would leave it.
                                    .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON)
                                    .build())
                    .execute(RunReport.class, DrillOrder.of(drillRequest(moment), input.cluster(), moment));
            return DrillVerdicts.of(moment, report);
        } catch (ChildWorkflowFailure failure) {
            if (failure.getCause() instanceof CanceledFailure) {
                throw failure;
            }
            return failure.getCause() instanceof WorkflowExecutionAlreadyStarted
                    ? DrillVerdicts.alreadyRunning(run)
                    : DrillVerdicts.refused(moment, FailureTranslator.read(failure));
        }
    }

    private RunRequest drillRequest(ReachableMoment moment) {
        RunRequest own = input.request();
        return new RunRequest(
                own.requestedBy(),
                "second path of " + runName(),
                own.yes(),
                false,
                input.pointInTime(),
                Map.of(
                        "cluster",
                        input.cluster(),
                        "target",
                        moment.time().toString(),
                        "timeline",
                        Integer.toString(moment.timeline())));
    }

    private StepOutcome keepServer() {
        StepOutcome outcome = slow().keepServer(order());
        settle(START_SERVER);
        return outcome;
    }

    /** Nobody is asked at night because of a folder: what stays is told, and makes the run unclean. */
    private StepOutcome removeServer() {
        try {
            StepOutcome outcome = slow().removeServer(order());
            settle(START_SERVER);
            return outcome;
        } catch (ActivityFailure failure) {
            FailureTranslator.Read why = FailureTranslator.read(failure);
            if (failure.getCause() instanceof CanceledFailure || why.code() == FailureCode.FENCED_OUT) {
                throw failure;
            }
            settle(START_SERVER);
            String where = plan().directories().workspace();
            return StepOutcome.of("not removed", "")
                    .withFindings(List.of(
                            new Finding("high", "the throw-away server was not removed: " + why.message(), why.hint())))
                    .withLeftBehind(List.of(new LeftBehind("throw-away server", where, null)));
        }
    }

    private void undoServer() {
        slow().removeServer(order());
    }

    @Override
    protected String reasonToLeaveOut(StepId step) {
        if (step == CHECK_DATABASE && !loaded) {
            return "the dump could not be restored";
        }
        if (step == PROVE_CHECKS) {
            return !input.proveChecks() ? "not asked for with --prove-checks" : loaded ? "" : "nothing was restored";
        }
        if (step == NOTE_PROOF) {
            return !loaded || checks.anyRed() ? "a check failed" : waved ? "a step was skipped" : "";
        }
        return "";
    }

    @Override
    protected Achievement achievement() {
        VerificationPlan made = plan;
        if (made == null) {
            return Achievement.NONE;
        }
        return new Achievement(
                recoveryTime,
                VerificationMeasures.dataLoss(made.dump(), made.newest(), newestMarker, startedAt),
                null,
                null,
                Source.ofDump(made.dump().id()));
    }

    private VerificationOrder order() {
        return new VerificationOrder(
                plan(), fence(), runName() + "@" + Workflow.getInfo().getRunId());
    }

    private VerificationPlan plan() {
        return Objects.requireNonNull(plan, "the step that selects the dump comes first");
    }

    private VerificationFacts facts() {
        return Objects.requireNonNull(facts, "the step that selects the dump comes first");
    }

    private static Instant now() {
        return Instant.ofEpochMilli(Workflow.currentTimeMillis());
    }

    private String queue() {
        return TaskQueues.postgres(input.cluster());
    }

    private PostgresVerificationActivities quick() {
        return activities(ActivityPolicies.smallWrite(queue()));
    }

    private PostgresVerificationActivities slow() {
        return activities(ActivityPolicies.longRunning(queue()));
    }

    private PostgresVerificationActivities activities(ActivityOptions options) {
        return Workflow.newActivityStub(PostgresVerificationActivities.class, named(options));
    }
}
