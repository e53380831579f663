package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.doctor.Examinations;
import dev.lifeboat.workflows.contract.doctor.Examinations.Seen;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether this host could take a recovery now. */
final class RecoveryExamination {

    /** WAL that may lie beside the copy at one time: 64 segments of 16 MiB. */
    private static final long WAL_BYTES = 1L << 30;

    private final ClusterAccess access;
    private final Examinations found;

    RecoveryExamination(ClusterAccess access, Examinations found) {
        this.access = access;
        this.found = found;
    }

    void run() {
        found.examine("recovery in place", "nothing in its way", this::obstacles);
        String wanted = "room for a copy beside the data and its WAL";
        found.examine("free space", wanted, () -> access.backups()
                .newest()
                .map(this::space)
                .orElseGet(() -> Seen.nothing("no base backup to measure by")));
    }

    private Seen obstacles() {
        LiveContext live = LiveContext.of(access.cluster(), access.leases(), access.environment(), access.workerName());
        List<String> obstacles = new Obstacles(live)
                .find(new FactsQuery(
                        access.cluster().name(),
                        new RecoveryTarget.Latest(),
                        false,
                        null,
                        Placement.IN_PLACE,
                        null,
                        access.cluster().port()));
        return new Seen(
                obstacles.isEmpty() ? "nothing" : String.join("; ", obstacles),
                obstacles.isEmpty(),
                "remove the obstacle now; until then a recovery must go beside, with '--into DIR --port N'");
    }

    private Seen space(BaseBackup backup) {
        Path parent = access.cluster().dataDirectory().resolveSibling("");
        long need = WAL_BYTES + backup.bytes();
        try {
            long free = Files.getFileStore(parent).getUsableSpace();
            return new Seen(
                    "%d MiB free, %d MiB needed".formatted(free >> 20, need >> 20),
                    free >= need,
                    "free room on the file system of %s, or have another disk for '--into'".formatted(parent));
        } catch (IOException e) {
            throw FileTrees.failed("look at the file system of " + parent, e);
        }
    }
}
