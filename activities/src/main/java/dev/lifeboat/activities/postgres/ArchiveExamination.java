package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.doctor.Examinations;
import dev.lifeboat.workflows.contract.doctor.Examinations.Seen;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Hole;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether WAL reaches the bucket, from which base backup it can be replayed, and how far. */
final class ArchiveExamination {

    /** A daily base backup and an hour for it to be taken. */
    private static final Duration OLDEST_BACKUP = Duration.ofHours(25);

    /** Longer than any shim waits for a worker that is there. */
    private static final Duration MOST_LAG = Duration.ofMinutes(2);

    private final ClusterAccess access;
    private final Supplier<ArchiverStatus> archiver;
    private final Examinations found;
    private final Instant now = Instant.now();
    private @Nullable Window window;

    ArchiveExamination(ClusterAccess access, Supplier<ArchiverStatus> archiver, Examinations found) {
        this.access = access;
        this.archiver = archiver;
        this.found = found;
    }

    void run() {
        found.examine("archive shim", "installed and of this version", this::shim);
        found.examine("archiver", "at work and less than " + minutes(MOST_LAG) + " behind", () -> archiver(status()));
        boolean backed = found.examine("newest base backup", "at most " + hours(OLDEST_BACKUP) + " old", this::backup);
        Duration rpo = Promises.rpo(access.cluster());
        String none = "there is no base backup";
        found.examineIf(backed, none, "window", "reaches to within " + minutes(rpo) + " of now", () -> window(rpo));
        found.examineIf(backed, none, "WAL without holes", "none missing", this::holes);
    }

    private ArchiverStatus status() {
        return archiver.get();
    }

    private Seen shim() {
        ArchiveNotes notes = new ArchiveNotes(access.folder(), access.user());
        String setup = "'lifeboat setup postgres %s --apply' installs it"
                .formatted(access.cluster().name());
        try {
            boolean current = notes.isCurrent();
            return new Seen(
                    current ? notes.shim().toString() : notes.shim() + " is missing or of another version",
                    current,
                    setup);
        } catch (IOException e) {
            return new Seen(notes.shim() + " cannot be read: " + e.getMessage(), false, setup);
        }
    }

    static Seen archiver(ArchiverStatus status) {
        if (!status.active()) {
            String error = status.lastError();
            return new Seen(
                    error == null ? "this worker does not archive" : error,
                    false,
                    "end the other worker that serves this cluster, or see the worker's log");
        }
        String last = status.lastArchived() == null
                ? "nothing archived since the worker began"
                : "last " + status.lastArchived() + " at " + status.lastArchivedAt();
        String waiting = "%d waiting, the oldest for %d s"
                .formatted(status.ready(), status.oldestReady().toSeconds());
        boolean fine = status.lastError() == null && status.oldestReady().compareTo(MOST_LAG) < 0;
        return new Seen(
                Objects.requireNonNullElse(status.lastError(), last) + "; " + waiting,
                fine,
                "see the checks of the bucket and the worker's log; PostgreSQL keeps its WAL until it is archived");
    }

    private Seen backup() {
        String take = "'lifeboat start base-backup --cluster %s', once a day"
                .formatted(access.cluster().name());
        Optional<BaseBackup> newest = access.liveControlFile()
                .map(control -> access.backups().backups(control.systemId()).stream()
                        .max(Comparator.comparing(BaseBackup::endedAt)))
                .orElseGet(() -> access.backups().newest());
        return newest.map(backup -> {
                    Duration age = Duration.between(backup.endedAt(), now);
                    return new Seen(backup.id() + ", " + hours(age) + " old", age.compareTo(OLDEST_BACKUP) <= 0, take);
                })
                .orElseGet(() -> new Seen("none of this system identifier", false, take));
    }

    /** Read once for both checks. */
    private Window read() {
        Window known = window;
        if (known == null) {
            known = new PostgresCatalogActivitiesImpl(access)
                    .window(access.cluster().name());
            window = known;
        }
        return known;
    }

    private Seen window(Duration rpo) {
        return window(read(), rpo, now, access.cluster().name());
    }

    static Seen window(Window window, Duration rpo, Instant now, String cluster) {
        // Without a commit since the base backup its end is what can be reached, and nothing later could be lost.
        Optional<Instant> end = window.ranges().stream()
                .map(range -> Objects.requireNonNullElse(range.to(), range.from()))
                .max(Comparator.naturalOrder());
        if (end.isEmpty()) {
            return new Seen(
                    "no time can be recovered to from the bucket",
                    false,
                    "'lifeboat window %s' shows why; WAL after the base backup must be archived".formatted(cluster));
        }
        Duration behind = Duration.between(end.get(), now);
        return new Seen(
                "to %s, %s ago".formatted(end.get(), minutes(behind)),
                behind.compareTo(rpo) <= 0,
                "a lost disk would cost that much; see the checks of archiver and marker");
    }

    private Seen holes() {
        List<Hole> holes = read().holes();
        String missing = holes.stream()
                .map(hole -> hole.missing().size() + " on timeline " + hole.timeline() + ", the first "
                        + hole.missing().get(0))
                .reduce((one, other) -> one + "; " + other)
                .orElse("none");
        return new Seen(
                missing,
                holes.isEmpty(),
                "times in a hole are lost; take a base backup after it, and find out who removed WAL from bucket or pg_wal");
    }

    private static String hours(Duration duration) {
        return duration.toHours() + " h";
    }

    private static String minutes(Duration duration) {
        return duration.toMinutes() + " min";
    }
}
