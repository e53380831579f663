package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.domain.Fence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        if (nothingIsLeft()) {
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

    /**
     * For a copy that is to be made anew: all of it goes but what was saved of the live WAL. What its server said is kept
     * under other names, since the proof of the next copy is read from the server's logs.
     *
     * @return what was done
     */
    String discard(Fence fence) throws InterruptedException {
        if (!Files.exists(workspace.root())) {
            return "nothing left to remove";
        }
        try (WorkspaceLock lock = workspace.claim(fence)) {
            CopyServer server = new CopyServer(cluster, workspace);
            server.stopAtOnce();
            CopyProcess.clearAfterDeath(workspace.copy());
            List<Path> logs = server.logs();
            if (!logs.isEmpty()) {
                Path folder = Files.createTempDirectory(workspace.logs(), "discarded-");
                for (Path log : logs) {
                    Files.move(log, folder.resolve(String.valueOf(log.getFileName())));
                }
            }
            workspace.discardCopy();
            return "copy removed";
        } catch (IOException e) {
            throw FileTrees.failed("remove " + workspace.copy(), e);
        }
    }

    /** For a copy that stays: what led to it goes, its directory and its server are left alone. */
    String removeWorkspace(Fence fence) {
        if (nothingIsLeft()) {
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
        RecoveryWorkspace.remove(workspace.root());
    }

    /** Also where an attempt was killed between its last two acts. */
    private boolean nothingIsLeft() {
        try {
            boolean empty = FileTrees.isEmptyOrMissing(workspace.root());
            if (empty) {
                FileTrees.delete(workspace.root());
            }
            return empty;
        } catch (IOException e) {
            throw FileTrees.failed("look into " + workspace.root(), e);
        }
    }
}
