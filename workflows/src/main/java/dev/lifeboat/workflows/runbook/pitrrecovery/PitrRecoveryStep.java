package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.contract.postgres.Placement.INTO;
import static dev.lifeboat.workflows.contract.postgres.Placement.IN_PLACE;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.runbook.StepId;
import java.util.EnumSet;
import java.util.Set;

/** The steps of {@code pitr-recovery}, equal to those in {@code runbooks/pitr-recovery/runbook.yaml}. */
public enum PitrRecoveryStep implements StepId {
    PLAN_RECOVERY(false),
    TAKE_LEASE(false),
    STOP_WRITERS(true, IN_PLACE),
    QUIESCE_CLUSTER(false, IN_PLACE),
    STOP_SERVER(false, IN_PLACE),
    SAVE_WAL(true),
    RESTORE_BASE_BACKUP(false),
    CONFIGURE_RECOVERY(false),
    REPLAY_WAL(false),
    PROVE_RECOVERY_POINT(false),
    SMOKE_TEST_COPY(true),
    MAKE_DURABLE(false),
    SWAP_IN(false, IN_PLACE),
    REOPEN_CLUSTER(false, IN_PLACE, INTO),
    SMOKE_TEST_LIVE(true, IN_PLACE, INTO),
    START_WRITERS(true, IN_PLACE),
    TAKE_BASE_BACKUP(true, IN_PLACE),
    CHECK_INDEXES(true, IN_PLACE),
    REMOVE_COPY(true),
    RELEASE_LEASE(true),
    WRITE_REPORT(true);

    private final boolean maySkip;
    private final Set<Placement> placements;

    PitrRecoveryStep(boolean maySkip) {
        this(maySkip, Placement.values());
    }

    PitrRecoveryStep(boolean maySkip, Placement... placements) {
        this.maySkip = maySkip;
        this.placements = EnumSet.noneOf(Placement.class);
        this.placements.addAll(Set.of(placements));
    }

    @Override
    public boolean maySkip() {
        return maySkip;
    }

    /** Whether a run that puts the recovered data there takes this step. */
    public boolean isPartOf(Placement placement) {
        return placements.contains(placement);
    }
}
