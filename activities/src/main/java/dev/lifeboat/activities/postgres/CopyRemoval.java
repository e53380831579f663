package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.domain.Fence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Ends the copy's server and removes copy and workspace, if and only if they are this run's. */
final class CopyRemoval {

    private final PostgresCluster cluster;
    private final RecoveryWorkspace workspace;

    CopyRemoval(PostgresCluster cluster, RecoveryWorkspace workspace) {
        this.cluster = cluster;
        this.workspace = workspace;
    }

    /** @return what was done, for the step table */
    String remove(Fence fence) throws InterruptedException {
        if (!Files.exists(workspace.root())) {
            return "nothing left to remove";
        }
        if (!workspace.belongsTo(fence)) {
            return "left alone: " + workspace.root() + " belongs to another run";
        }
        try (WorkspaceLock lock = workspace.claim(fence)) {
            new CopyServer(cluster, workspace).stopAtOnce();
            CopyProcess.clearAfterDeath(workspace.copy());
            boolean copyThere = Files.exists(workspace.copy());
            Path socket =
                    workspace.has("socket") ? Path.of(workspace.read("socket").strip()) : null;
            workspace.discardCopy();
            if (socket != null && String.valueOf(socket.getFileName()).startsWith("lifeboat")) {
                FileTrees.delete(socket);
            }
            FileTrees.delete(workspace.root());
            return copyThere ? "copy and workspace removed" : "workspace removed";
        } catch (IOException e) {
            throw FileTrees.failed("remove " + workspace.root(), e);
        }
    }
}
