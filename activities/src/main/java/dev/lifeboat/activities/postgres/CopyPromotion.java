package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes a promotion all or nothing. At the end of recovery the server picks a new timeline, removes {@code recovery.signal},
 * writes the new history, and only then the checkpoint from which the next start begins (StartupXLOG in xlog.c). One that
 * dies in between, started again as it lies there, takes itself for a server after a crash: it runs along the old timeline
 * to the end of what is in {@code pg_wal}, past the target, and takes connections.
 */
final class CopyPromotion {

    private static final String SIGNAL = "recovery.signal";
    private static final String HISTORY = "[0-9A-F]{8}\\.history";
    private static final int TIMELINE_DIGITS = 8;

    private final PostgresCluster cluster;
    private final RecoveryPlan plan;
    private final RecoveryWorkspace workspace;

    CopyPromotion(PostgresCluster cluster, RecoveryPlan plan, RecoveryWorkspace workspace) {
        this.cluster = cluster;
        this.plan = plan;
        this.workspace = workspace;
    }

    /** The control file leads to the new timeline, whatever happens from here on. */
    boolean isDone() {
        return timeline() > plan.timeline();
    }

    /** Where the next start begins; after a promotion that is the new timeline. */
    int timeline() {
        return control().timeline();
    }

    boolean signalIsGone() {
        return !Files.exists(workspace.copy().resolve(SIGNAL));
    }

    /**
     * Before a start: a promotion that is not done never began, so that recovery goes on to the same target once more. A
     * second call changes nothing more; a promotion that is done is left alone. The server must be down.
     */
    void takeBackUnfinished() {
        if (isDone()) {
            return;
        }
        try {
            if (signalIsGone()) {
                FileTrees.replace(workspace.copy().resolve(SIGNAL), "", workspace.user());
            }
            for (Path file : ofNewTimelines()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw FileTrees.failed("take back the unfinished promotion of " + workspace.copy(), e);
        }
    }

    /** Its own: what comes from the archive never lies in {@code pg_wal} for a timeline behind the plan's. */
    private List<Path> ofNewTimelines() throws IOException {
        try (Stream<Path> files = Files.list(workspace.copy().resolve("pg_wal"))) {
            return files.filter(file -> isOfNewTimeline(String.valueOf(file.getFileName())))
                    .toList();
        }
    }

    private boolean isOfNewTimeline(String name) {
        return (WalSegmentSize.isSegmentName(name) || name.matches(HISTORY))
                && Long.parseLong(name.substring(0, TIMELINE_DIGITS), 16) > plan.timeline();
    }

    private ControlFile control() {
        return ControlFile.read(cluster.binary("pg_controldata"), workspace.user(), workspace.copy());
    }
}
