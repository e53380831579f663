package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;

/** Keeps each step of a verification alive in Temporal's eyes, and lets another do it. */
final class PostgresVerificationActivitiesImpl implements PostgresVerificationActivities {

    private final VerificationSteps steps;

    PostgresVerificationActivitiesImpl(ClusterAccess access) {
        this.steps = new VerificationSteps(access);
    }

    @Override
    public VerificationFacts gatherFacts(String cluster) {
        return Beats.during("reading the catalogue of dumps", "steps", watch -> steps.gatherFacts(cluster));
    }

    @Override
    public StepOutcome startServer(VerificationOrder order) {
        return Beats.during("making a throw-away server", "steps", watch -> steps.startServer(order, watch));
    }

    @Override
    public StepOutcome restoreGlobals(VerificationOrder order) {
        return Beats.during("making the roles", "steps", watch -> steps.restoreGlobals(order, watch));
    }

    @Override
    public LoadedDump loadDump(VerificationOrder order) {
        return Beats.during("restoring the dump", "steps", watch -> steps.loadDump(order, watch));
    }

    @Override
    public CheckedDatabase checkDatabase(VerificationOrder order) {
        return Beats.during("looking at the restored database", "steps", watch -> steps.checkDatabase(order, watch));
    }

    @Override
    public ProvenChecks proveChecks(VerificationOrder order) {
        return Beats.during("damaging the restored copy", "steps", watch -> steps.proveChecks(order, watch));
    }

    @Override
    public StepOutcome keepServer(VerificationOrder order) {
        return Beats.during("keeping the throw-away server", "steps", watch -> steps.keepServer(order, watch));
    }

    @Override
    public StepOutcome removeServer(VerificationOrder order) {
        return Beats.during("removing the throw-away server", "steps", watch -> steps.removeServer(order));
    }

    @Override
    public StepOutcome noteProof(ProofOrder order) {
        return Beats.during("noting the proof", "steps", watch -> steps.noteProof(order));
    }
}
