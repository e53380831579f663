package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.SwapJournal.Next;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.TablespacePlace;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of a swap that happens in the folders of tablespaces: while no data directory is in the live place, so that no
 * server can be started on half of it. The links of both data directories are turned as well: the old one stays whole, with
 * its own tablespaces.
 */
final class TablespaceSwap {

    private final LiveContext context;

    TablespaceSwap(LiveContext context) {
        this.context = context;
    }

    /** @throws RecoveryFailure COPY_POINTS_AT_LIVE when a link of the copy leads to anywhere but the copy's own place */
    List<TablespaceMove> plan(RecoveryOrder order, Path live, Path copy, ControlFile recovered, String stamp)
            throws IOException {
        new CopyTablespaces(new RecoveryWorkspace(order.plan().directories(), context.user())).requireOwn();
        Map<Path, String> old = new LinkedHashMap<>();
        CopyTablespaces.links(live).forEach((oid, target) -> old.put(real(Path.of(target)), oid));
        Map<Path, TablespacePlace> fresh = new LinkedHashMap<>();
        Map<String, String> links = CopyTablespaces.links(copy);
        order.plan().directories().tablespaces().stream()
                .filter(place -> links.containsKey(place.oid()))
                .forEach(place -> fresh.put(real(Path.of(place.location())), place));
        String version =
                "PG_" + Files.readString(copy.resolve("PG_VERSION")).strip() + "_" + recovered.catalogVersion();
        List<TablespaceMove> moves = new ArrayList<>();
        for (Map.Entry<Path, TablespacePlace> each : fresh.entrySet()) {
            TablespacePlace place = each.getValue();
            if (!Files.isDirectory(Path.of(place.copy(), version))) {
                throw new RecoveryFailure(
                        FailureCode.UNEXPECTED_STATE,
                        "cannot move the recovered directory in: its tablespace %s leads to %s, which has no folder %s"
                                .formatted(place.name(), place.copy(), version),
                        "look at it, then 'lifeboat retry' or 'lifeboat abort'");
            }
            moves.add(move(place.location(), version, old.remove(each.getKey()), place, stamp));
        }
        for (Map.Entry<Path, String> each : old.entrySet()) {
            // Made after the recovery point: it stays with the old data directory, and its folder is free again.
            boolean there = exists(each.getKey().resolve(version));
            if (there && !each.getKey().startsWith(real(live))) {
                moves.add(move(each.getKey().toString(), version, each.getValue(), null, stamp));
            }
        }
        return List.copyOf(moves);
    }

    private TablespaceMove move(
            String location, String version, @Nullable String oldOid, @Nullable TablespacePlace place, String stamp) {
        return new TablespaceMove(
                location,
                version,
                oldOid,
                place == null ? null : place.oid(),
                place == null ? null : place.copy(),
                location + "/lifeboat-" + context.cluster().name() + "/before-" + stamp,
                exists(Path.of(location, version)));
    }

    /** To be called while the live place is empty; a second call finishes or confirms what a first one did. */
    void in(RecoveryOrder order, SwapJournal journal) throws IOException {
        for (TablespaceMove move : journal.tablespaces()) {
            for (Next next = move.next(); next != Next.DONE; next = move.next()) {
                context.mayChange(order);
                switch (next) {
                    case MOVE_LIVE_ASIDE -> {
                        FileTrees.makePrivate(Path.of(move.before()), context.user());
                        rename(move.liveFiles(), move.keptFiles());
                    }
                    case MOVE_COPY_IN -> rename(move.copyFiles(), move.liveFiles());
                    default -> throw unclear(move);
                }
            }
            turn(
                    order,
                    Path.of(journal.before()),
                    move.oldOid(),
                    move.liveWasThere() ? move.before() : move.location());
            turn(order, Path.of(journal.copy()), move.newOid(), move.location());
        }
    }

    /** To be called while the live place is empty again. */
    void back(RecoveryOrder order, SwapJournal journal) throws IOException {
        for (TablespaceMove move : journal.tablespaces()) {
            for (Next next = move.nextBack(); next != Next.DONE; next = move.nextBack()) {
                context.mayChange(order);
                switch (next) {
                    case MOVE_COPY_OUT -> {
                        FileTrees.makePrivate(move.copyFolder(), context.user());
                        rename(move.liveFiles(), move.copyFiles());
                    }
                    case MOVE_LIVE_BACK -> rename(move.keptFiles(), move.liveFiles());
                    default -> throw unclear(move);
                }
            }
            turn(order, Path.of(journal.before()), move.oldOid(), move.location());
            if (move.copy() != null) {
                turn(order, Path.of(journal.copy()), move.newOid(), move.copy());
            }
            CopyTablespaces.removeIfEmpty(Path.of(move.before()));
            CopyTablespaces.removeIfEmpty(Path.of(move.before()).getParent());
        }
    }

    /** @throws RecoveryFailure UNEXPECTED_STATE when the data directories are swapped, and this is not */
    void requireDone(SwapJournal journal) {
        Optional<TablespaceMove> open = journal.tablespaces().stream()
                .filter(move -> move.next() != Next.DONE)
                .findFirst();
        if (open.isPresent()) {
            throw unclear(open.get());
        }
    }

    /** Replaces a link in one step; a data directory that is not there, or has lost its links, is left so. */
    private void turn(RecoveryOrder order, Path dataDirectory, @Nullable String oid, String target) throws IOException {
        Path folder = dataDirectory.resolve(CopyTablespaces.LINKS);
        if (oid == null || !Files.isDirectory(folder)) {
            return;
        }
        Path link = folder.resolve(oid);
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(Path.of(target))) {
            return;
        }
        context.mayChange(order);
        // On the same file system, and not in a folder that belongs to PostgreSQL.
        Path fresh = context.makeFolder().resolve("tablespace-" + oid);
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, Path.of(target));
        context.user().own(fresh);
        Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        FileTrees.syncFolder(folder);
    }

    private static void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        FileTrees.syncFolder(from.getParent());
        FileTrees.syncFolder(to.getParent());
    }

    /** Two spellings of one folder are one folder. */
    private static Path real(Path location) {
        try {
            return location.toRealPath();
        } catch (IOException e) {
            return location.toAbsolutePath().normalize();
        }
    }

    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    private RecoveryFailure unclear(TablespaceMove move) {
        SwapJournal.OnDisk disk = move.onDisk();
        return new RecoveryFailure(
                FailureCode.UNEXPECTED_STATE,
                "cannot go on with the swap in %s: %s %s, %s %s, %s %s; somebody else moved something"
                        .formatted(
                                move.location(),
                                move.liveFiles(),
                                there(disk.live()),
                                move.copyFiles(),
                                there(disk.copy()),
                                move.keptFiles(),
                                there(disk.before())),
                "put the folders where the journal %s says, then 'lifeboat retry'"
                        .formatted(context.note(SwapJournal.NOTE)));
    }

    private static String there(boolean exists) {
        return exists ? "exists" : "does not exist";
    }
}
