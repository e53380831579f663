package dev.lifeboat.workflows.runbook.restoreverification;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.RunRequest;

/** What {@code pitr-recovery} takes, in its names: a runbook starts another one by its type, and imports none. */
record DrillOrder(
        RunRequest request,
        String cluster,
        RecoveryTarget target,
        boolean exclusive,
        String timeline,
        Placement placement,
        int port) {

    static final String TYPE = "PitrRecovery";

    /** The only one of its name: a drill that somebody else began is in the way. */
    static String runName(String cluster) {
        return "pitr-recovery/" + cluster + "/drill";
    }

    static DrillOrder of(RunRequest request, String cluster, ReachableMoment moment) {
        return new DrillOrder(
                request,
                cluster,
                new RecoveryTarget.AtTime(moment.time()),
                false,
                Integer.toString(moment.timeline()),
                Placement.DRILL,
                0);
    }
}
