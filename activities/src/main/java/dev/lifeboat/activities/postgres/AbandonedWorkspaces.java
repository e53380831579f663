package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Workspaces in Lifeboat's folder whose run has lost its lease or given it back: nobody will ever go on there. As a run
 * leaves them that was ended from outside, or could not undo everything. One in which a server runs is never touched.
 */
final class AbandonedWorkspaces {

    private final ClusterAccess access;

    AbandonedWorkspaces(ClusterAccess access) {
        this.access = access;
    }

    /**
     * @param removed is told what is removed, or without {@code apply} would be
     * @param kept    is told what must be looked at by a person, or is still in use
     */
    void cleanUp(boolean apply, List<String> removed, List<String> kept) throws IOException {
        for (Path root : workspaces()) {
            WorkspaceMarker marker = WorkspaceMarker.read(root.resolve("marker.json"));
            if (isHeld(marker)) {
                kept.add("%s, workspace of run %s, which is still going on".formatted(root, marker.runId()));
                continue;
            }
            Path copy = copyOf(root);
            if (Files.exists(root.resolve(ThrowawayServer.MADE + ".note"))) {
                cleanUpThrowaway(root, marker, apply, removed, kept);
                continue;
            }
            Optional<ProcessHandle> server = ServerProcesses.postmaster(copy);
            if (server.isPresent()) {
                kept.add("%s, workspace of run %s, which is over, but a server (process %d) runs in %s: stop it first"
                        .formatted(root, marker.runId(), server.get().pid(), copy));
                continue;
            }
            if (apply) {
                remove(root);
            }
            removed.add("%s, workspace of run %s, which is over".formatted(root, marker.runId()));
        }
    }

    /** Its server was made to be thrown away, so it goes with it; but not before the date that a person was told. */
    private void cleanUpThrowaway(
            Path root, WorkspaceMarker marker, boolean apply, List<String> removed, List<String> kept)
            throws IOException {
        Optional<KeptServer> keptServer = KeptServer.of(root);
        String what = keptServer
                .map(each -> "%s, throw-away server with the dump %s, kept until %s"
                        .formatted(root, each.dump(), each.keptUntil()))
                .orElse("%s, throw-away server of run %s, which is over".formatted(root, marker.runId()));
        if (keptServer.isPresent() && !keptServer.get().isDue(Instant.now(), access.store()::clock)) {
            kept.add(what);
            return;
        }
        if (apply) {
            CopyProcess.endAny(copyOf(root));
            removeSocketOf(root);
            remove(root);
        }
        removed.add(what);
    }

    private void removeSocketOf(Path root) throws IOException {
        Path note = root.resolve("socket.note");
        if (Files.exists(note)) {
            Path folder = Path.of(Files.readString(note).strip());
            if (String.valueOf(folder.getFileName()).startsWith("lifeboat")) {
                FileTrees.delete(folder);
            }
        }
    }

    private List<Path> workspaces() throws IOException {
        Set<Path> places = new LinkedHashSet<>(
                List.of(access.folder().root(), VerificationPlace.of(access).root()));
        List<Path> found = new ArrayList<>();
        for (Path folder : places) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> inside = Files.list(folder)) {
                    inside.filter(path -> Files.exists(path.resolve("marker.json")))
                            .sorted()
                            .forEach(found::add);
                }
            }
        }
        return List.copyOf(found);
    }

    /** While the bucket cannot be asked nobody knows, and nothing is removed: the failure goes on to the caller. */
    private boolean isHeld(WorkspaceMarker marker) {
        try {
            access.leases().check(new Fence(marker.target(), marker.number(), marker.runId()));
            return true;
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.FENCED_OUT) {
                return false;
            }
            throw e;
        }
    }

    /** In Lifeboat's folder a copy never lies anywhere but in its workspace. */
    private static Path copyOf(Path root) {
        return root.resolve("data");
    }

    private void remove(Path root) throws IOException {
        try (WorkspaceLock lock = WorkspaceLock.take(root.resolve("lock"), access.user())) {
            RecoveryWorkspace.remove(root);
        }
    }
}
