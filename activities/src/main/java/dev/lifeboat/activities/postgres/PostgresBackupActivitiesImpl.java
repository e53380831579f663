package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;

/** Base backups next to one data directory. */
final class PostgresBackupActivitiesImpl implements PostgresBackupActivities {

    private final ClusterAccess access;

    PostgresBackupActivitiesImpl(ClusterAccess access) {
        this.access = access;
    }

    @Override
    public StepOutcome checkCluster(String cluster) {
        throw access.notYet("check");
    }

    @Override
    public TakenBackup takeBaseBackup(BackupOrder order) {
        throw access.notYet("back up");
    }

    @Override
    public StepOutcome verifyBaseBackup(BackupRef backup) {
        throw access.notYet("verify a backup of");
    }

    @Override
    public StepOutcome awaitWal(BackupRef backup) {
        throw access.notYet("await WAL of");
    }
}
