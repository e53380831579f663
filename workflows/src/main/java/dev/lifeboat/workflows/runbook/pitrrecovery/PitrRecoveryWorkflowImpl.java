package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryStep.*;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities.BackupOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities.BackupRef;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities.TakenBackup;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.ProvenPoint;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.SavedWal;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.Achievement;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.RunSupervisor;
import dev.lifeboat.workflows.runbook.StepId;
import dev.lifeboat.workflows.runbook.StepsAgain;
import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.Functions.Func;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The order of a recovery; what each step is and how to undo it by hand stands in {@code runbooks/pitr-recovery}. */
public final class PitrRecoveryWorkflowImpl extends RunSupervisor implements PitrRecoveryWorkflow {

    public static final String RUNBOOK = "pitr-recovery";

    private final PitrRecoveryInput input;
    private @Nullable RecoveryPlan plan;
    private @Nullable CandidateLadder ladder;
    private boolean timesCompare = true;
    private List<Finding> clocks = List.of();
    private @Nullable SavedWal saved;
    private @Nullable ProvenPoint proven;
    private @Nullable Duration recoveryTime;

    @WorkflowInit
    public PitrRecoveryWorkflowImpl(PitrRecoveryInput input) {
        super(
                RUNBOOK,
                List.of(PitrRecoveryStep.values()),
                input.request(),
                input.placement() == Placement.DRILL ? RunMode.DRILL : RunMode.RECOVERY);
        this.input = input;
    }

    @Override
    public RunReport recover(PitrRecoveryInput same) {
        return supervise(this::recover);
    }

    private void recover() {
        step(PLAN_RECOVERY, this::makePlan);
        approveReplacingLiveData();
        step(TAKE_LEASE, () -> takeLease(TAKE_LEASE, leaseTarget()));

        String live = plan().directories().live();
        String writers = String.join(", ", plan().writers());
        step(STOP_WRITERS, () -> quick().stopWriters(order()), "stopped writers", writers, this::startWriters);
        step(QUIESCE_CLUSTER, () -> quick().quiesce(order()), "closed access rules", live, this::liftQuiesce);
        step(STOP_SERVER, () -> slow().stopServer(order()), "stopped server", live, this::startServer);

        String copy = plan().directories().copy();
        step(SAVE_WAL, this::saveWal, "workspace", plan().directories().workspace(), this::removeCopy);
        while (!makeCopy(copy)) {
            // From another base backup, until one is whole or a person said otherwise.
        }

        step(SWAP_IN, () -> slow().swapIn(order()), "swapped data directories", live, () -> slow().swapBack(order()));
        step(REOPEN_CLUSTER, () -> slow().reopen(order()));
        if (input.placement() == Placement.IN_PLACE) {
            // Point of no return: clients may have written to the recovered cluster, so nothing is undone any more.
            pointOfNoReturn();
        }
        step(SMOKE_TEST_LIVE, () -> smokeTest(quick().smokeTestLive(order()), input.placement()));
        if (!step(START_WRITERS, () -> quick().startWriters(order())) && isPart(START_WRITERS)) {
            leaveBehind("stopped writers", writers);
        }
        step(TAKE_BASE_BACKUP, this::takeBaseBackup);
        step(CHECK_INDEXES, () -> slow().checkIndexes(order()));
        if (input.placement() == Placement.INTO) {
            // Point of no return: the copy runs, is proven, and is its owner's from here on.
            pointOfNoReturn();
        }
        if (!step(REMOVE_COPY, this::removeCopyForGood) && isPart(REMOVE_COPY)) {
            leaveBehind("workspace of the recovery", plan().directories().workspace());
        }
        step(RELEASE_LEASE, this::releaseLease);
    }

    /** Each step of it may find the base backup damaged, since each makes sure of the ones before it. */
    private boolean makeCopy(String copy) {
        try {
            Func<StepOutcome> restore = whole(RESTORE_BASE_BACKUP, () -> slow().restoreBaseBackup(order()));
            step(RESTORE_BASE_BACKUP, restore, "copy", copy, this::removeCopy);
            onCopy(CONFIGURE_RECOVERY, () -> quick().configureRecovery(order()));
            onCopy(REPLAY_WAL, () -> slow().replayWal(order()));
            onCopy(PROVE_RECOVERY_POINT, this::provePoint);
            onCopy(SMOKE_TEST_COPY, () -> smokeTest(quick().smokeTestCopy(order()), Placement.DRILL));
            onCopy(MAKE_DURABLE, () -> slow().makeDurable(order()));
            return true;
        } catch (StepsAgain fromAnotherBackup) {
            return false;
        }
    }

    private void onCopy(PitrRecoveryStep step, Func<StepOutcome> work) {
        step(step, whole(step, work));
    }

    /** Work that needs a whole base backup: when it has none, the copy is made again from the next older one. */
    private Func<StepOutcome> whole(PitrRecoveryStep step, Func<StepOutcome> work) {
        return () -> {
            if (ladder().isExhausted()) {
                beginAgainAt(step);
            }
            try {
                return work.apply();
            } catch (ActivityFailure failure) {
                FailureTranslator.Read read = FailureTranslator.read(failure);
                if (read.code() != FailureCode.BACKUP_DAMAGED || ladder().isInsistedOn()) {
                    throw failure;
                }
                RecoveryPlan damaged = plan();
                RecoveryPlan next = ladder().after(damaged, read.message());
                changeBackup(next);
                note(ladder().finding(damaged, next));
                throw new StepsAgain(read.message() + "; goes on with base backup "
                        + next.backup().id());
            }
        };
    }

    /** After a person said that something was mended. What is already restored of the same backup need not be again. */
    private void beginAgainAt(PitrRecoveryStep step) {
        RecoveryPlan first = ladder().first();
        boolean goesOn = step == RESTORE_BASE_BACKUP
                && plan().backup().id().equals(first.backup().id());
        if (!goesOn) {
            changeBackup(first);
        }
        ladder().fromTheTop();
        if (!goesOn) {
            throw new StepsAgain(
                    "begins again with base backup " + first.backup().id());
        }
    }

    /** The copy goes as the plan that it was made by says; what was saved of the live WAL stays. */
    private void changeBackup(RecoveryPlan next) {
        slow().discardCopy(order());
        settle(RESTORE_BASE_BACKUP);
        proven = null;
        recoveryTime = null;
        plan = next;
    }

    private StepOutcome makePlan() {
        RecoveryFacts facts = quick().gatherFacts(PitrRecoveryPlan.query(input));
        RecoveryPlan made = PitrRecoveryPlan.decide(input, facts).orThrow();
        plan = made;
        ladder = new CandidateLadder(input, facts, made);
        timesCompare = ClockCheck.timesCompare(facts, made);
        clocks = ClockCheck.findings(input, facts, made);
        return StepOutcome.of(PlanText.summary(made), facts.outcome().worker())
                .withFindings(Stream.concat(facts.unusable().stream().map(CandidateLadder::finding), clocks.stream())
                        .toList())
                .withAttempt(facts.outcome().attempt())
                .withTimes(facts.outcome().tookMillis(), facts.outcome().clockJumpMillis());
    }

    /** While a person thought, the world went on: the plan is made again, and asked about again if it became another. */
    private void approveReplacingLiveData() {
        if (input.placement() != Placement.IN_PLACE) {
            return;
        }
        String approved;
        do {
            approved = plan().digest();
            String hint = "lifeboat approve %s %s".formatted(runName(), TAKE_LEASE.id());
            boolean aged =
                    approval(TAKE_LEASE, PlanText.question(plan(), ladder().inReserve(), clocks), hint, approved);
            if (!aged) {
                return;
            }
            step(PLAN_RECOVERY, this::makePlan);
        } while (!plan().digest().equals(approved));
    }

    private StepOutcome saveWal() {
        SavedWal tail = slow().saveWal(order());
        saved = tail;
        return tail.outcome();
    }

    private StepOutcome provePoint() {
        ProvenPoint point = slow().proveRecoveryPoint(order());
        proven = point;
        return point.outcome();
    }

    /** The clock of a promise stops where its smoke tests are green: on the copy in a drill, else through the address. */
    private StepOutcome smokeTest(StepOutcome outcome, Placement judgedHere) {
        boolean green = outcome.checks().stream().noneMatch(check -> check.verdict() == Verdict.FAIL);
        if (green && input.placement() == judgedHere) {
            recoveryTime = machineTime();
        }
        return outcome;
    }

    private StepOutcome takeBaseBackup() {
        PostgresBackupActivities backups =
                Workflow.newActivityStub(PostgresBackupActivities.class, named(ActivityPolicies.longRunning(queue())));
        TakenBackup taken = backups.takeBaseBackup(new BackupOrder(input.cluster(), fence()));
        backups.awaitWal(new BackupRef(input.cluster(), fence(), taken.backup().id()));
        return taken.outcome();
    }

    private StepOutcome removeCopyForGood() {
        StepOutcome outcome =
                input.placement() == Placement.INTO ? slow().removeWorkspace(order()) : slow().removeCopy(order());
        settle(RESTORE_BASE_BACKUP);
        return outcome;
    }

    private void startWriters() {
        quick().startWriters(order());
    }

    private void liftQuiesce() {
        quick().liftQuiesce(order());
    }

    private void startServer() {
        slow().startServer(order());
    }

    private void removeCopy() {
        slow().removeCopy(order());
    }

    @Override
    protected String reasonToLeaveOut(StepId step) {
        if (step instanceof PitrRecoveryStep known && isPart(known)) {
            return "";
        }
        return input.placement() == Placement.DRILL ? "not in a drill" : "not beside the live cluster";
    }

    private boolean isPart(PitrRecoveryStep step) {
        return step.isPartOf(input.placement());
    }

    /** In production a red smoke test waits for a person; a rehearsal or a copy beside is judged by its report. */
    @Override
    protected boolean stopsAtFailedCheck(StepId step) {
        return input.placement() == Placement.IN_PLACE && (step == SMOKE_TEST_COPY || step == SMOKE_TEST_LIVE);
    }

    @Override
    protected Achievement achievement() {
        ProvenPoint point = proven;
        RecoveryPlan made = plan;
        if (made == null) {
            return Achievement.NONE;
        }
        if (point == null) {
            return Achievement.of(new Source(
                    made.backup().id(), made.systemId(), made.firstSegment(), made.lastSegment(), made.segments()));
        }
        return new Achievement(
                recoveryTime,
                RecoveryMeasures.dataLoss(input.target(), point, saved, timesCompare),
                timesCompare ? RecoveryMeasures.givenUp(point, made.lastArchivedCommitAt(), saved) : null,
                point.point(),
                new Source(made.backup().id(), made.systemId(), point.walFrom(), point.walTo(), point.segments()));
    }

    private String leaseTarget() {
        return switch (input.placement()) {
            case IN_PLACE -> input.cluster();
            case DRILL -> input.cluster() + ".drill";
            case INTO -> input.cluster() + ".into-" + input.port();
        };
    }

    private RecoveryOrder order() {
        return new RecoveryOrder(plan(), fence());
    }

    private RecoveryPlan plan() {
        return Objects.requireNonNull(plan, "the step that plans comes first");
    }

    private CandidateLadder ladder() {
        return Objects.requireNonNull(ladder, "the step that plans comes first");
    }

    private String queue() {
        return TaskQueues.postgres(input.cluster());
    }

    private PostgresRecoveryActivities quick() {
        return stub(ActivityPolicies.shortChange(queue()));
    }

    private PostgresRecoveryActivities slow() {
        return stub(ActivityPolicies.longRunning(queue()));
    }

    private PostgresRecoveryActivities stub(ActivityOptions options) {
        return Workflow.newActivityStub(PostgresRecoveryActivities.class, named(options));
    }
}
