package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.activities.postgres.SwapJournal.Next;
import dev.lifeboat.activities.postgres.SwapJournal.OnDisk;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a swap is about to rename in the folder of one tablespace. Of that folder a server uses only the one inside it that
 * is named after its version; so the live one's is set aside and the copy's takes its place within the folder, which may be
 * a mount point. As with the data directories, how far it got is read from the disk.
 *
 * @param location     the folder of the tablespace
 * @param version      the name of the folder inside it, {@code PG_15_202209061}
 * @param oldOid       the tablespace's number in the old data directory; null when that has none there
 * @param newOid       its number in the recovered one; null when that has none there
 * @param copy         the folder that the copy used so far; null when it has none
 * @param before       the folder that the old files go to
 * @param liveWasThere false when there were no old files
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
record TablespaceMove(
        String location,
        String version,
        @Nullable String oldOid,
        @Nullable String newOid,
        @Nullable String copy,
        String before,
        boolean liveWasThere) {

    Path liveFiles() {
        return Path.of(location, version);
    }

    /** One that never exists where the copy has none. */
    Path copyFolder() {
        return copy == null ? Path.of(before, "none") : Path.of(copy);
    }

    Path copyFiles() {
        return copyFolder().resolve(version);
    }

    Path keptFiles() {
        return Path.of(before, version);
    }

    OnDisk onDisk() {
        return new OnDisk(exists(liveFiles()), copy != null && exists(copyFiles()), exists(keptFiles()));
    }

    Next next() {
        return next(liveWasThere, copy != null, onDisk());
    }

    Next nextBack() {
        return nextBack(liveWasThere, copy != null, onDisk());
    }

    static Next next(boolean liveWasThere, boolean copyWasThere, OnDisk disk) {
        if (copyWasThere) {
            return SwapJournal.next(liveWasThere, disk);
        }
        if (disk.live() && !disk.before() && liveWasThere) {
            return Next.MOVE_LIVE_ASIDE;
        }
        return !disk.live() && disk.before() == liveWasThere ? Next.DONE : Next.UNCLEAR;
    }

    static Next nextBack(boolean liveWasThere, boolean copyWasThere, OnDisk disk) {
        if (copyWasThere) {
            return SwapJournal.nextBack(liveWasThere, disk);
        }
        if (!disk.live() && disk.before() && liveWasThere) {
            return Next.MOVE_LIVE_BACK;
        }
        return disk.live() == liveWasThere && !disk.before() ? Next.DONE : Next.UNCLEAR;
    }

    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }
}
