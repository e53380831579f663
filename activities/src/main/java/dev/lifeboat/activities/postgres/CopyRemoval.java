package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.domain.Fence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

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
            Optional<Path> socket = socketFolder();
            workspace.discardCopy();
            removeRest(socket);
            return copyThere ? "copy and workspace removed" : "workspace removed";
        } catch (IOException e) {
            throw FileTrees.failed("remove " + workspace.root(), e);
        }
    }

    /** For a copy that stays: what led to it goes, its directory and its server are left alone. */
    String removeWorkspace(Fence fence) {
        if (!Files.exists(workspace.root())) {
            return "nothing left to remove";
        }
        if (!workspace.belongsTo(fence)) {
            return "left alone: " + workspace.root() + " belongs to another run";
        }
        try (WorkspaceLock lock = workspace.claim(fence)) {
            removeRest(socketFolder());
            return "workspace removed; the copy stays in " + workspace.copy();
        } catch (IOException e) {
            throw FileTrees.failed("remove " + workspace.root(), e);
        }
    }

    private Optional<Path> socketFolder() {
        return workspace.has("socket")
                ? Optional.of(Path.of(workspace.read("socket").strip()))
                        .filter(folder -> String.valueOf(folder.getFileName()).startsWith("lifeboat"))
                : Optional.empty();
    }

    private void removeRest(Optional<Path> socket) throws IOException {
        if (socket.isPresent()) {
            FileTrees.delete(socket.get());
        }
        FileTrees.delete(workspace.root());
    }
}
