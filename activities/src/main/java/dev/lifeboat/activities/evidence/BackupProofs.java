package dev.lifeboat.activities.evidence;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says beside a base backup's manifest which runs restored it and found it good. */
final class BackupProofs {

    private static final Logger log = LoggerFactory.getLogger(BackupProofs.class);
    private static final int FORMAT = 1;

    private final ObjectStore store;

    BackupProofs(ObjectStore store) {
        this.store = store;
    }

    /** @param evidence the address of the run's evidence folder */
    record Proof(
            int format,
            String backup,
            String systemId,
            String run,
            String runId,
            RunMode mode,
            Instant provedAt,
            RecoveryPoint recoveryPoint,
            Verdicts verdicts,
            @Nullable String evidence) {}

    /** Writes nothing for a run that proves nothing; never over a proof that is there, nor for a backup that is gone. */
    void write(RunReport report) {
        Source source = report.source();
        RecoveryPoint point = report.recoveryPoint();
        String systemId = source == null ? null : source.systemId();
        String backup = source == null ? null : source.baseBackup();
        if (!report.provesItsBackup() || backup == null || point == null || systemId == null) {
            return;
        }
        String cluster = report.run().split("/")[1];
        if (store.head(BucketLayout.baseBackupManifest(cluster, systemId, backup))
                .isEmpty()) {
            return;
        }
        Proof proof = new Proof(
                FORMAT,
                backup,
                systemId,
                report.run(),
                report.runId(),
                report.mode(),
                report.endedAt(),
                point,
                report.verdicts(),
                report.evidence());
        String key = BucketLayout.baseBackupProof(cluster, systemId, backup, report.endedAt(), report.runId());
        store.putIfAbsent(key, Json.write(proof));
        log.info("base backup {} of {} is proved by {}", backup, cluster, report.run());
    }
}
