package dev.lifeboat.workflows.runbook.dumprestore;

import static dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreStep.*;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreOrder;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.InspectOrder;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.Inspected;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.contract.writers.WriterActivities;
import dev.lifeboat.workflows.contract.writers.WriterActivities.WriterOrder;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.Achievement;
import dev.lifeboat.workflows.runbook.RunSupervisor;
import dev.lifeboat.workflows.runbook.StepId;
import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The order of a restore; what each step is and how to undo it by hand stands in {@code runbooks/dump-restore}. */
public final class DumpRestoreWorkflowImpl extends RunSupervisor implements DumpRestoreWorkflow {

    public static final String RUNBOOK = "dump-restore";

    private final DumpRestoreInput input;
    private final Map<StepId, List<Check>> onCopy = new LinkedHashMap<>();
    private @Nullable DumpRestorePlan plan;
    private List<Finding> known = List.of();
    private @Nullable Instant liveUntil;
    private @Nullable Duration recoveryTime;

    @WorkflowInit
    public DumpRestoreWorkflowImpl(DumpRestoreInput input) {
        super(RUNBOOK, List.of(DumpRestoreStep.values()), input.request(), RunMode.RECOVERY);
        this.input = input;
    }

    @Override
    public RunReport restore(DumpRestoreInput same) {
        return supervise(this::restore);
    }

    private void restore() {
        step(SELECT_DUMP, this::selectDump);
        step(TAKE_LEASE, () -> takeLease(TAKE_LEASE, input.cluster()));
        step(CHECK_ROOM, () -> quick().checkRoom(order()));

        String restored = plan().restored();
        step(CREATE_DATABASE, () -> quick().createDatabase(order()), "restored database", restored, this::dropDatabase);
        step(LOAD_DUMP, () -> slow().loadDump(order()));
        step(ANALYZE_DATABASE, () -> slow().analyze(order()));
        step(CHECK_DATABASE, () -> noted(CHECK_DATABASE, slow().checkDatabase(order())));
        step(MIGRATE_DATABASE, () -> slow().migrate(order()));
        step(SMOKE_TEST_COPY, () -> judged(noted(SMOKE_TEST_COPY, slow().smokeTestCopy(order())), !input.clean()));

        if (input.clean()) {
            approveReplacingTheLiveDatabase();
        }
        String writers = String.join(", ", plan().writers());
        step(STOP_WRITERS, () -> writers().stopWriters(writerOrder()), "stopped writers", writers, this::startWriters);
        step(SWAP_DATABASES, this::swapIn, "swapped databases", input.database(), this::swapBack);
        // Point of no return: clients may have written to the restored database, or its owner was told its name.
        pointOfNoReturn();
        step(SMOKE_TEST_LIVE, () -> judged(quick().smokeTestLive(order()), input.clean()));
        if (!step(START_WRITERS, () -> writers().startWriters(writerOrder())) && input.clean()) {
            leaveBehind("stopped writers", writers);
        }
        step(RELEASE_LEASE, this::releaseLease);
    }

    private StepOutcome selectDump() {
        DumpRestoreFacts facts = patient().gatherFacts(DumpRestorePlanning.query(input));
        Inspected found = patient()
                .inspect(new InspectOrder(
                        input.cluster(), input.database(), DumpChoice.choose(input, facts), input.tables()));
        PlannedDumpRestore made = DumpRestorePlanning.decide(
                input, facts, found.source(), Instant.ofEpochMilli(Workflow.currentTimeMillis()));
        DumpRestorePlan chosen = made.orThrow();
        plan = chosen;
        known = made.findings();
        liveUntil = chosen.lastCommitAt();
        return StepOutcome.of(DumpRestoreText.summary(chosen), facts.outcome().worker())
                .withFindings(known)
                .withAttempt(facts.outcome().attempt())
                .withTimes(facts.outcome().tookMillis(), facts.outcome().clockJumpMillis());
    }

    /** Asked only now: the person who answers sees what was restored and how it was found to be. */
    private void approveReplacingTheLiveDatabase() {
        String hint = "lifeboat approve %s %s".formatted(runName(), STOP_WRITERS.id());
        List<Check> checks = checksOnCopy();
        long green =
                checks.stream().filter(check -> check.verdict() == Verdict.PASS).count();
        String checked = "%d of %d checks green".formatted(green, checks.size());
        Instant now = Instant.ofEpochMilli(Workflow.currentTimeMillis());
        approval(STOP_WRITERS, DumpRestoreText.question(plan(), checked, known, now), hint, plan().digest());
    }

    private StepOutcome swapIn() {
        StepOutcome outcome = quick().swapIn(order());
        liveUntil = Instant.ofEpochMilli(Workflow.currentTimeMillis());
        return outcome;
    }

    private StepOutcome noted(StepId step, StepOutcome outcome) {
        onCopy.put(step, outcome.checks());
        return outcome;
    }

    /** The clock of the promise stops where the smoke tests are green: on the copy, or through the real address. */
    private StepOutcome judged(StepOutcome outcome, boolean here) {
        boolean copyIsGreen = input.clean() || areGreen(checksOnCopy());
        if (here && copyIsGreen && areGreen(outcome.checks())) {
            recoveryTime = machineTime();
        }
        return outcome;
    }

    private List<Check> checksOnCopy() {
        return onCopy.values().stream().flatMap(List::stream).toList();
    }

    private static boolean areGreen(List<Check> checks) {
        return checks.stream().noneMatch(check -> check.verdict() == Verdict.FAIL);
    }

    private void dropDatabase() {
        slow().dropDatabase(order());
    }

    private void startWriters() {
        writers().startWriters(writerOrder());
    }

    private void swapBack() {
        quick().swapBack(order());
    }

    @Override
    protected String reasonToLeaveOut(StepId step) {
        return !input.clean() && step instanceof DumpRestoreStep known && known.isInPlaceOnly()
                ? "the live database is not touched"
                : "";
    }

    /** Before the live database is replaced a red check waits for a person; a copy beside is judged by its report. */
    @Override
    protected boolean stopsAtFailedCheck(StepId step) {
        return input.clean() && (step == CHECK_DATABASE || step == SMOKE_TEST_COPY || step == SMOKE_TEST_LIVE);
    }

    @Override
    protected Achievement achievement() {
        DumpRestorePlan made = plan;
        if (made == null) {
            return Achievement.NONE;
        }
        Source source = Source.ofDump(made.source().choice().name());
        Instant until = liveUntil;
        return new Achievement(
                recoveryTime, until == null ? null : DumpRestoreText.lost(made, until), null, null, source);
    }

    private DumpRestoreOrder order() {
        return new DumpRestoreOrder(plan(), fence());
    }

    private WriterOrder writerOrder() {
        return new WriterOrder(input.cluster(), fence(), plan().writers());
    }

    private DumpRestorePlan plan() {
        return Objects.requireNonNull(plan, "the step that plans comes first");
    }

    private String queue() {
        return TaskQueues.postgres(input.cluster());
    }

    private WriterActivities writers() {
        return Workflow.newActivityStub(WriterActivities.class, named(ActivityPolicies.shortChange(queue())));
    }

    private DumpRestoreActivities patient() {
        return stub(ActivityPolicies.patientProbe(queue()));
    }

    private DumpRestoreActivities quick() {
        return stub(ActivityPolicies.shortChange(queue()));
    }

    private DumpRestoreActivities slow() {
        return stub(ActivityPolicies.longRunning(queue()));
    }

    private DumpRestoreActivities stub(ActivityOptions options) {
        return Workflow.newActivityStub(DumpRestoreActivities.class, named(options));
    }
}
