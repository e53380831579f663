package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.TablespacePlace;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The folder of one recovery, beside the live data directory. All of it goes when another run succeeds this one, so a
 * journal that must outlive the run has no place here. After a reboot of the host everything goes but {@link #salvaged},
 * unless the copy was made durable: it ran without fsync.
 */
final class RecoveryWorkspace {

    private static final int LONGEST_SOCKET_FOLDER = 80;

    private static final String MARKER = "marker.json";

    /** Without them nobody would know what else there is to remove. */
    private static final Set<String> KEPT_TO_THE_END =
            Set.of("socket.note", "copy-begun.note", CopyTablespaces.NOTE + ".note");

    private final Path root;
    private final Path copy;
    private final ServerUser user;
    private final List<TablespacePlace> tablespaces;

    RecoveryWorkspace(Directories directories, ServerUser user) {
        this.root = Path.of(directories.workspace());
        this.copy = Path.of(directories.copy());
        this.user = user;
        this.tablespaces = directories.tablespaces();
    }

    Path root() {
        return root;
    }

    /** The data directory that is being recovered. */
    Path copy() {
        return copy;
    }

    ServerUser user() {
        return user;
    }

    /** Where the copy's additional tablespaces belong. */
    List<TablespacePlace> tablespaces() {
        return tablespaces;
    }

    /** Segments and history files ready to be renamed into {@code pg_wal}; a name without a dot in front is complete. */
    Path wal() {
        return root.resolve("wal");
    }

    /** What the restore shim asks for. */
    Path want() {
        return root.resolve("want");
    }

    /** What the store was asked for and does not have. */
    Path absent() {
        return root.resolve("absent");
    }

    /** WAL saved from a dead or stopped server under its final names, synced when written; used where the archive has none. */
    Path salvaged() {
        return root.resolve("salvaged");
    }

    /** One log of the copy's server for each time it was started. */
    Path logs() {
        return root.resolve("log");
    }

    Path shims() {
        return root.resolve("shims");
    }

    /** A file {@code 000017}: this chunk is unpacked. */
    Path restoredChunks() {
        return root.resolve("restored");
    }

    /** What came with the backup but not from inside the data directory. */
    Path config() {
        return root.resolve("config");
    }

    /** Small facts for later steps, for example {@code durable}. */
    Path note(String name) {
        return root.resolve(name + ".note");
    }

    boolean has(String note) {
        return Files.exists(note(note));
    }

    void write(String note, String text) {
        try {
            FileTrees.replace(note(note), text, user);
        } catch (IOException e) {
            throw FileTrees.failed("note '" + note + "' in " + root, e);
        }
    }

    void forget(String note) {
        try {
            Files.deleteIfExists(note(note));
        } catch (IOException e) {
            throw FileTrees.failed("forget the note '" + note + "' in " + root, e);
        }
    }

    String read(String note) {
        try {
            return Files.readString(note(note), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw FileTrees.failed("read the note '" + note + "' in " + root, e);
        }
    }

    /**
     * Makes the workspace, or takes it over for this run, and keeps every other attempt out until the lock is closed.
     *
     * @throws RecoveryFailure BUSY_WITH_OTHER_ATTEMPT; FENCED_OUT when a newer run owns it; UNEXPECTED_STATE when it is
     *     not Lifeboat's or belongs to another target
     */
    WorkspaceLock claim(Fence fence) {
        WorkspaceLock lock = null;
        boolean claimed = false;
        try {
            if (!FileTrees.isEmptyOrMissing(root) && !Files.exists(marker()) && !holdsOnlyLock()) {
                throw foreign("it has no marker.json");
            }
            FileTrees.makePrivate(root, user);
            lock = WorkspaceLock.take(root.resolve("lock"), user);
            adopt(fence);
            for (Path folder : folders()) {
                FileTrees.makePrivate(folder, user);
            }
            claimed = true;
            return lock;
        } catch (IOException e) {
            throw FileTrees.failed("prepare " + root, e);
        } finally {
            if (!claimed && lock != null) {
                lock.close();
            }
        }
    }

    /** True when there is a workspace here and its marker names this run. */
    boolean belongsTo(Fence fence) {
        try {
            return Files.exists(marker())
                    && WorkspaceMarker.read(marker()).runId().equals(fence.runId());
        } catch (IOException e) {
            return false;
        }
    }

    /** A folder for the copy's socket, with a path that is short enough for one; the same one each time. */
    Path socketFolder() {
        try {
            if (has("socket")) {
                Path known = Path.of(read("socket").strip());
                if (Files.isDirectory(known)) {
                    return known;
                }
            }
            Path temp = Path.of(System.getProperty("java.io.tmpdir"));
            Path base = temp.toString().length() > LONGEST_SOCKET_FOLDER - 30 ? Path.of("/tmp") : temp;
            Path folder = Files.createTempDirectory(
                    base,
                    "lifeboat",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            user.own(folder);
            write("socket", folder + "\n");
            return folder;
        } catch (IOException e) {
            throw FileTrees.failed("make a folder for the copy's socket", e);
        }
    }

    /** Throws the copy and everything that led to it away; what was salvaged stays. Its server must be down. */
    void discardCopy() throws IOException {
        // The notes first: a copy that is half removed must not look restored.
        try (var notes = Files.newDirectoryStream(root, "*.note")) {
            for (Path note : notes) {
                if (!KEPT_TO_THE_END.contains(String.valueOf(note.getFileName()))) {
                    Files.delete(note);
                }
            }
        }
        FileTrees.delete(restoredChunks());
        if (has("copy-begun")) {
            FileTrees.delete(copy);
            Files.deleteIfExists(note("copy-begun"));
        }
        CopyTablespaces.discard(this);
        for (Path folder : List.of(wal(), want(), absent(), config(), restoredChunks(), root.resolve("tablespaces"))) {
            FileTrees.delete(folder);
        }
        for (Path folder : folders()) {
            FileTrees.makePrivate(folder, user);
        }
    }

    /** Removes a workspace and all that is in it; whoever is killed meanwhile leaves one that is still known as such. */
    static void remove(Path root) throws IOException {
        for (Path path : inOrderOfRemoval(root)) {
            FileTrees.delete(path);
        }
    }

    /** The marker goes last, and then the folder: without it what is left would be nobody's, and in the way of every run. */
    static List<Path> inOrderOfRemoval(Path root) throws IOException {
        List<Path> order = new ArrayList<>();
        try (var inside = Files.list(root)) {
            inside.filter(path -> !path.endsWith(MARKER)).forEach(order::add);
        }
        order.add(root.resolve(MARKER));
        order.add(root);
        return order;
    }

    private void adopt(Fence fence) throws IOException {
        String boot = WorkspaceMarker.currentBoot();
        WorkspaceMarker ours = new WorkspaceMarker(1, fence.target(), fence.runId(), fence.number(), boot);
        if (!Files.exists(marker())) {
            FileTrees.replace(marker(), ours.text(), user);
            return;
        }
        WorkspaceMarker found = WorkspaceMarker.read(marker());
        if (!found.target().equals(fence.target())) {
            throw foreign("its marker.json names the target '%s', not '%s'".formatted(found.target(), fence.target()));
        }
        if (found.runId().equals(fence.runId())) {
            adoptAfterBoot(found, ours);
            return;
        }
        if (found.number() >= fence.number()) {
            throw new RecoveryFailure(
                    FailureCode.FENCED_OUT,
                    "cannot use %s: it belongs to run %s with fencing number %d, this run holds %d"
                            .formatted(root, found.runId(), found.number(), fence.number()),
                    "a newer run has taken over; follow that one with 'lifeboat status'");
        }
        // The old run lost its lease to this one, so nobody needs its copy.
        CopyProcess.endAny(copy);
        discardCopy();
        FileTrees.delete(salvaged());
        FileTrees.delete(logs());
        FileTrees.replace(marker(), ours.text(), user);
    }

    private void adoptAfterBoot(WorkspaceMarker found, WorkspaceMarker ours) throws IOException {
        if (found.equals(ours)) {
            return;
        }
        if (!found.bootId().equals(ours.bootId()) && !has("durable")) {
            CopyProcess.endAny(copy);
            discardCopy();
        }
        FileTrees.replace(marker(), ours.text(), user);
    }

    private List<Path> folders() {
        return List.of(wal(), want(), absent(), salvaged(), logs(), shims(), restoredChunks());
    }

    private Path marker() {
        return root.resolve(MARKER);
    }

    private boolean holdsOnlyLock() throws IOException {
        try (var inside = Files.list(root)) {
            return inside.allMatch(
                    path -> path.equals(root.resolve("lock")) || path.equals(root.resolve("marker.json.new")));
        }
    }

    private RecoveryFailure foreign(String why) {
        return new RecoveryFailure(
                FailureCode.UNEXPECTED_STATE,
                "cannot use %s as workspace: it is not empty, and %s".formatted(root, why),
                "look at what it is; Lifeboat removes nothing that it did not make. Move it away, then retry");
    }
}
