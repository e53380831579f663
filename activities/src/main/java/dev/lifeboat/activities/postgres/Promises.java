package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.domain.Objectives;
import java.time.Duration;

/** What a cluster's recovery is measured against where it is not a run that is measured. */
final class Promises {

    /** Of {@code runbooks/pitr-recovery/runbook.yaml}, which holds where lifeboat.yaml says nothing. */
    private static final Duration RPO = Duration.ofHours(1);

    private Promises() {}

    static Duration rpo(PostgresCluster cluster) {
        Objectives own = cluster.objectives();
        return own == null ? RPO : own.rpo();
    }
}
