package dev.lifeboat.workflows.contract.postgres;

import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import io.temporal.activity.ActivityInterface;

/** Taking a base backup, next to the data directory. */
@ActivityInterface(namePrefix = "PostgresBackup")
public interface PostgresBackupActivities {

    /**
     * Is the server up, does it archive, may we copy it.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure CLUSTER_NOT_READY with what to change
     */
    StepOutcome checkCluster(String cluster);

    /**
     * Streams the cluster into chunks in the bucket and writes the manifest last: no manifest, no backup. Clears first
     * what a killed attempt left. A second call of the same run returns the backup that the first one finished.
     */
    TakenBackup takeBaseBackup(BackupOrder order);

    /** Reads every chunk back and compares size and SHA-256 with the manifest. */
    StepOutcome verifyBaseBackup(BackupRef backup);

    /** Waits until every WAL segment that the backup needs to be consistent lies in the bucket. */
    StepOutcome awaitWal(BackupRef backup);

    record BackupOrder(String cluster, Fence fence) {}

    record BackupRef(String cluster, Fence fence, String backupId) {}

    record TakenBackup(BaseBackup backup, StepOutcome outcome) implements Outcome<TakenBackup> {
        @Override
        public TakenBackup withOutcome(StepOutcome noted) {
            return new TakenBackup(backup, noted);
        }
    }
}
