package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.BackupEntry;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.domain.postgres.Dump;
import java.util.List;

/**
 * What stands between one cluster and the loss of its data: the catalogue and the window, read together.
 *
 * @param backups base backups
 * @param dumps   the newest of each database
 */
public record ProtectionStatus(List<BackupEntry> backups, Window window, List<Dump> dumps) {}
