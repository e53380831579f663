package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.BackupEntry;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import java.util.List;

/** What stands between one cluster and the loss of its data: the catalogue and the window, read together. */
public record ProtectionStatus(List<BackupEntry> backups, Window window) {}
