package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import io.temporal.activity.Activity;

/** Keeps each step of a verification alive in Temporal's eyes, and lets another do it. */
final class PostgresVerificationActivitiesImpl implements PostgresVerificationActivities {

    private final VerificationSteps steps;

    PostgresVerificationActivitiesImpl(ClusterAccess access) {
        this.steps = new VerificationSteps(access);
    }

    @Override
    public VerificationFacts gatherFacts(String cluster) {
        return beating("reading the catalogue of dumps", watch -> steps.gatherFacts(cluster));
    }

    @Override
    public StepOutcome startServer(VerificationOrder order) {
        return beating("making a throw-away server", watch -> steps.startServer(order, watch));
    }

    @Override
    public StepOutcome restoreGlobals(VerificationOrder order) {
        return beating("making the roles", watch -> steps.restoreGlobals(order, watch));
    }

    @Override
    public LoadedDump loadDump(VerificationOrder order) {
        return beating("restoring the dump", watch -> steps.loadDump(order, watch));
    }

    @Override
    public CheckedDatabase checkDatabase(VerificationOrder order) {
        return beating("looking at the restored database", watch -> steps.checkDatabase(order, watch));
    }

    @Override
    public ProvenChecks proveChecks(VerificationOrder order) {
        return beating("damaging the restored copy", watch -> steps.proveChecks(order, watch));
    }

    @Override
    public StepOutcome keepServer(VerificationOrder order) {
        return beating("keeping the throw-away server", watch -> steps.keepServer(order, watch));
    }

    @Override
    public StepOutcome removeServer(VerificationOrder order) {
        return beating("removing the throw-away server", watch -> steps.removeServer(order));
    }

    @Override
    public StepOutcome noteProof(ProofOrder order) {
        return beating("noting the proof", watch -> steps.noteProof(order));
    }

    private interface Step<T> {
        T with(Watch watch) throws InterruptedException;
    }

    private static <T> T beating(String what, Step<T> step) {
        try (Heartbeater heartbeater =
                new Heartbeater(Activity.getExecutionContext(), new Progress(what, 0, 0, "steps"))) {
            try {
                return step.with(heartbeater);
            } catch (InterruptedException | RuntimeException e) {
                // When Temporal no longer wants this attempt, what broke because of that is not the news.
                heartbeater.check();
                if (e instanceof RuntimeException runtime) {
                    throw runtime;
                }
                Thread.currentThread().interrupt();
                throw new RecoveryFailure(
                        FailureCode.COMMAND_FAILED,
                        what + " was interrupted: this worker ends",
                        "it is tried again",
                        e);
            }
        }
    }
}
