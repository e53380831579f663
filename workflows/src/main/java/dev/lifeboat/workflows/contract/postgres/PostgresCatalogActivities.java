package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import io.temporal.activity.ActivityInterface;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Read-only questions about what can be recovered, and the setup of archiving. */
@ActivityInterface(namePrefix = "PostgresCatalog")
public interface PostgresCatalogActivities {

    List<BackupEntry> listBackups(String cluster);

    Window window(String cluster);

    /** Shows, and with {@code apply} makes, the settings for WAL archiving; a second call changes nothing more. */
    Setup setup(SetupOrder order);

    /** Removes what runs left on purpose and whose date is over; without {@code apply} only lists it. */
    Cleanup cleanup(CleanupOrder order);

    /**
     * Every key is there for scripts, also where nothing is known yet.
     *
     * @param kind   {@code base-backup} or {@code dump}
     * @param database null for a base backup, which is of the whole cluster
     * @param timeline null for a dump, which is on none
     * @param damage why it cannot be taken, though it is finished; then only its name tells when it began. Null, and the
     *     one key that is not there, for all others
     * @param pinned whether retention must leave it alone
     * @param doubt  what the last run that restored it saw when it did not find it good. Null, and a key that is not there,
     *     where none did, or a later one found it good
     * @param lsn    of a dump whose manifest says it: everything that the dump holds was logged before this position
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record BackupEntry(
            String id,
            String kind,
            String cluster,
            @Nullable String database,
            Instant startedAt,
            Instant endedAt,
            long bytes,
            long storedBytes,
            @Nullable Integer timeline,
            @Nullable Instant provedAt,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String damage,
            boolean pinned,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String doubt,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Lsn lsn) {

        /** One that nobody pinned or doubts. */
        public BackupEntry(
                String id,
                String kind,
                String cluster,
                @Nullable String database,
                Instant startedAt,
                Instant endedAt,
                long bytes,
                long storedBytes,
                @Nullable Integer timeline,
                @Nullable Instant provedAt,
                @Nullable String damage) {
            this(
                    id,
                    kind,
                    cluster,
                    database,
                    startedAt,
                    endedAt,
                    bytes,
                    storedBytes,
                    timeline,
                    provedAt,
                    damage,
                    false,
                    null,
                    null);
        }

        public BackupEntry pinned(boolean isPinned) {
            return new BackupEntry(
                    id,
                    kind,
                    cluster,
                    database,
                    startedAt,
                    endedAt,
                    bytes,
                    storedBytes,
                    timeline,
                    provedAt,
                    damage,
                    isPinned,
                    doubt,
                    lsn);
        }

        public BackupEntry doubted(@Nullable String why) {
            return new BackupEntry(
                    id,
                    kind,
                    cluster,
                    database,
                    startedAt,
                    endedAt,
                    bytes,
                    storedBytes,
                    timeline,
                    provedAt,
                    damage,
                    pinned,
                    why,
                    lsn);
        }

        public BackupEntry at(@Nullable Lsn position) {
            return new BackupEntry(
                    id,
                    kind,
                    cluster,
                    database,
                    startedAt,
                    endedAt,
                    bytes,
                    storedBytes,
                    timeline,
                    provedAt,
                    damage,
                    pinned,
                    doubt,
                    position);
        }
    }

    /**
     * @param liveEnd the end of WAL on the live disk, beyond what is archived; null when it cannot be read
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Window(List<Range> ranges, List<Hole> holes, @Nullable LiveEnd liveEnd) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Range(int timeline, Instant from, @Nullable Instant to, Lsn fromLsn, Lsn toLsn) {}

    record Hole(int timeline, List<String> missing) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record LiveEnd(int timeline, Lsn lsn, @Nullable Instant lastCommitAt) {}

    record SetupOrder(String cluster, boolean apply) {}

    /** @param lines what is, what is wanted, what was done; for people */
    record Setup(boolean changed, boolean restartNeeded, List<String> lines) {}

    record CleanupOrder(String cluster, boolean apply) {}

    record Cleanup(List<String> removed, List<String> kept) {}
}
