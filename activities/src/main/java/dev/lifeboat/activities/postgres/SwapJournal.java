package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a swap is about to rename, written before it begins. How far it got is read from the disk, never from here.
 *
 * @param before         where the live directory goes
 * @param liveWasThere   false when it was gone, so that there is only one rename
 * @param copyCheckpoint of the copy when it was moved in: another one means that a server has run in it since
 * @param tablespaces    what moves in the folders of tablespaces, between the two renames
 * @param opened         the swap is final: the recovered cluster was opened to its users
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record SwapJournal(
        int format,
        String runId,
        String live,
        String copy,
        String before,
        boolean liveWasThere,
        String copyCheckpoint,
        Instant begunAt,
        boolean opened,
        List<TablespaceMove> tablespaces) {

    SwapJournal {
        // One that was written before there were tablespaces says nothing of them, and had none.
        tablespaces = orNone(tablespaces);
    }

    static final String NOTE = "swap";

    /** What there is to do. */
    enum Next {
        MOVE_LIVE_ASIDE,
        MOVE_COPY_IN,
        MOVE_COPY_OUT,
        MOVE_LIVE_BACK,
        DONE,
        /** Somebody else was here. */
        UNCLEAR
    }

    /** Which of the three directories exist. */
    record OnDisk(boolean live, boolean copy, boolean before) {}

    static Optional<SwapJournal> read(LiveContext context) {
        return context.read(NOTE, SwapJournal.class);
    }

    /** Where the live directory's files are while a swap is under way or done and not yet final. */
    static Optional<Path> movedAside(LiveContext context) {
        return read(context)
                .filter(journal -> !journal.opened)
                .map(journal -> Path.of(journal.before))
                .filter(before -> Files.isDirectory(before, LinkOption.NOFOLLOW_LINKS));
    }

    SwapJournal asOpened() {
        return new SwapJournal(
                format, runId, live, copy, before, liveWasThere, copyCheckpoint, begunAt, true, tablespaces);
    }

    Lsn checkpoint() {
        return Lsn.parse(copyCheckpoint);
    }

    OnDisk onDisk() {
        return new OnDisk(exists(live), exists(copy), exists(before));
    }

    Next next() {
        return next(liveWasThere, onDisk());
    }

    Next nextBack() {
        return nextBack(liveWasThere, onDisk());
    }

    static Next next(boolean liveWasThere, OnDisk disk) {
        if (disk.live && disk.copy && !disk.before && liveWasThere) {
            return Next.MOVE_LIVE_ASIDE;
        }
        if (disk.before != liveWasThere) {
            return Next.UNCLEAR;
        }
        if (!disk.live && disk.copy) {
            return Next.MOVE_COPY_IN;
        }
        return disk.live && !disk.copy ? Next.DONE : Next.UNCLEAR;
    }

    static Next nextBack(boolean liveWasThere, OnDisk disk) {
        if (disk.live && disk.copy && !disk.before && liveWasThere) {
            return Next.DONE;
        }
        if (disk.before != liveWasThere) {
            return Next.UNCLEAR;
        }
        if (disk.live && !disk.copy) {
            return Next.MOVE_COPY_OUT;
        }
        if (!disk.live && disk.copy) {
            return liveWasThere ? Next.MOVE_LIVE_BACK : Next.DONE;
        }
        return Next.UNCLEAR;
    }

    private static List<TablespaceMove> orNone(@Nullable List<TablespaceMove> read) {
        return read == null ? List.of() : List.copyOf(read);
    }

    private static boolean exists(String path) {
        return Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS);
    }
}
