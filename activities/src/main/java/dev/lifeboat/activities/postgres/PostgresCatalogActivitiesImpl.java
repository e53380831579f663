package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities;
import java.util.List;

/** Answers about what can be recovered, and the setup of archiving. */
final class PostgresCatalogActivitiesImpl implements PostgresCatalogActivities {

    private final ClusterAccess access;

    PostgresCatalogActivitiesImpl(ClusterAccess access) {
        this.access = access;
    }

    @Override
    public List<BackupEntry> listBackups(String cluster) {
        throw access.notYet("list backups of");
    }

    @Override
    public Window window(String cluster) {
        throw access.notYet("compute the window of");
    }

    @Override
    public Setup setup(SetupOrder order) {
        throw access.notYet("set up");
    }

    @Override
    public Cleanup cleanup(CleanupOrder order) {
        throw access.notYet("clean up");
    }
}
