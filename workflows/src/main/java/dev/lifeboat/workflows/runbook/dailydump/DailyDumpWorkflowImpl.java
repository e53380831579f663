package dev.lifeboat.workflows.runbook.dailydump;

import static dev.lifeboat.workflows.runbook.dailydump.DailyDumpStep.*;

import dev.lifeboat.workflows.contract.ActivityPolicies;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities.DumpOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities.DumpQuery;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities.DumpRef;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities.FoundDatabases;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities.TakenDump;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Scope;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.runbook.Achievement;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.RunSupervisor;
import dev.lifeboat.workflows.runbook.StepId;
import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The order of a daily dump. One database that cannot be dumped neither hides nor prevents the others, and no person is
 * waited for: the run ends red, and tomorrow's is not held up.
 */
public final class DailyDumpWorkflowImpl extends RunSupervisor implements DailyDumpWorkflow {

    public static final String RUNBOOK = "daily-dump";

    private final String cluster;
    private final @Nullable String database;
    private final List<Dump> taken = new ArrayList<>();
    private final DumpFailures failures = new DumpFailures();
    private List<String> databases = List.of();
    private boolean sound;

    @WorkflowInit
    public DailyDumpWorkflowImpl(DailyDumpInput input) {
        super(RUNBOOK, List.of(DailyDumpStep.values()), input.request(), RunMode.BACKUP);
        this.cluster = input.cluster();
        this.database = input.database();
    }

    @Override
    public RunReport dump(DailyDumpInput same) {
        return supervise(this::dump);
    }

    private void dump() {
        step(CHECK_CLUSTER, this::findDatabases);
        step(TAKE_LEASE, () -> takeLease(TAKE_LEASE, cluster + "." + RUNBOOK));
        step(DUMP_DATABASES, this::dumpDatabases);
        step(VERIFY_DUMPS, this::verifyDumps);
        step(EXPIRE_BACKUPS, () -> expireBackups(cluster, Scope.DUMPS));
        step(RELEASE_LEASE, this::releaseLease);
        failures.summary(databases.size()).ifPresent(why -> endFailed(failures.firstStep(), why));
    }

    private StepOutcome findDatabases() {
        FoundDatabases found = dumps(ActivityPolicies.patientProbe(queue())).findDatabases(query());
        databases = found.databases();
        return found.outcome();
    }

    private StepOutcome dumpDatabases() {
        return forEach(DUMP_DATABASES, databases, Function.identity(), each -> {
            TakenDump made = slow().dumpDatabase(new DumpOrder(cluster, fence(), each));
            taken.add(made.dump());
            return made.outcome();
        });
    }

    private StepOutcome verifyDumps() {
        StepOutcome outcome = forEach(VERIFY_DUMPS, taken, Dump::database, each -> slow().verifyDump(
                        new DumpRef(cluster, fence(), each.id())));
        sound = outcome.checks().stream().noneMatch(check -> check.verdict() == Verdict.FAIL);
        return outcome;
    }

    /** One after the other, so that each has the machine for itself; what goes wrong with one is noted. */
    private <T> StepOutcome forEach(StepId step, List<T> all, Function<T, String> name, Function<T, StepOutcome> work) {
        List<StepOutcome> outcomes = new ArrayList<>();
        for (T each : all) {
            try {
                outcomes.add(work.apply(each));
            } catch (ActivityFailure failure) {
                FailureTranslator.Read why = FailureTranslator.read(failure);
                if (why.code() == FailureCode.ABORTED || why.code() == FailureCode.FENCED_OUT) {
                    throw failure;
                }
                outcomes.add(failures.note(step, name.apply(each), why));
            }
        }
        return Outcomes.together(outcomes);
    }

    @Override
    protected String reasonToLeaveOut(StepId step) {
        if (step == VERIFY_DUMPS && taken.isEmpty()) {
            return "there is no dump to read back";
        }
        // While today's dumps are in doubt, none of the older ones is too many.
        boolean inDoubt = !sound || failures.summary(databases.size()).isPresent();
        return step == EXPIRE_BACKUPS && inDoubt
                ? "not every database has a dump that was read back and found whole"
                : "";
    }

    @Override
    protected Achievement achievement() {
        return Achievement.NONE;
    }

    private DumpQuery query() {
        return new DumpQuery(cluster, database);
    }

    private String queue() {
        return TaskQueues.postgres(cluster);
    }

    private PostgresDumpActivities slow() {
        return dumps(ActivityPolicies.longRunning(queue()));
    }

    private PostgresDumpActivities dumps(ActivityOptions options) {
        return Workflow.newActivityStub(PostgresDumpActivities.class, named(options));
    }
}
