package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.Fence;
import io.temporal.activity.ActivityInterface;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What of one cluster's backups and WAL may go, and letting it go. */
@ActivityInterface(namePrefix = "PostgresRetention")
public interface PostgresRetentionActivities {

    /** What would go now and why, and what stays; changes nothing. */
    Expiry planExpiry(String cluster);

    /**
     * Deletes what may go. A second call goes on where a killed one ended, and with nothing to do does nothing. Deletes
     * nothing at all, and says why, while a run restores, while not all of the catalogue can be read, or while the clocks
     * disagree. The whole list, with the reason for each, is put into the evidence of the run.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure CREDENTIALS_REFUSED when this worker may not delete, FENCED_OUT
     *     when the lease is another run's by now
     */
    Expiry expire(ExpiryOrder order);

    /** The same as a step of a run, which keeps the list out of the run's history. */
    StepOutcome expireBackups(ExpiryOrder order);

    /**
     * Never lets retention delete a backup, or lets it again; a second call changes nothing.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure UNKNOWN_BACKUP when there is none of this name
     */
    Pinned pin(PinOrder order);

    /** What a run may let go. */
    enum Scope {
        /** Dumps. */
        DUMPS,
        /** Base backups, and the WAL that only they needed. */
        BASE_BACKUPS,
        ALL
    }

    /**
     * @param fences       the leases that the run holds; each is compared before every deletion
     * @param run          whose evidence it is, {@code <runbook>/<target>}
     * @param runStartedAt when that run began
     */
    record ExpiryOrder(String cluster, List<Fence> fences, Scope scope, String run, Instant runStartedAt) {}

    /**
     * @param applied  whether it was done; else nothing was changed
     * @param blocked  why nothing at all may be deleted now, in sentences; empty when it may
     * @param gone     what has gone or, where it was not applied, would go
     * @param kept     what stays
     * @param refused  what the bucket did not let go: an object lock, a legal hold
     * @param notes    what else should be known, in sentences
     * @param evidence address of the whole list; null where nothing was applied
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Expiry(
            String cluster,
            boolean applied,
            List<String> blocked,
            List<Item> gone,
            List<Item> kept,
            List<Item> refused,
            List<String> notes,
            @Nullable String evidence) {

        /** The same within what one answer can carry; the evidence has it whole. */
        public Expiry within(int items) {
            return new Expiry(
                    cluster,
                    applied,
                    blocked,
                    first(gone, items),
                    first(kept, items),
                    first(refused, items),
                    notes,
                    evidence);
        }

        private static List<Item> first(List<Item> all, int items) {
            return all.size() <= items ? all : List.copyOf(all.subList(0, items));
        }
    }

    /**
     * A backup, or a row of WAL segments.
     *
     * @param kind     {@code dump}, {@code base-backup} or {@code wal}
     * @param id       of the backup; of WAL the first and last name
     * @param database of a dump; null else
     * @param objects  in the bucket, as far as they were counted
     * @param bytes    as stored
     * @param why      why it goes, or stays; part of a sentence
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Item(String kind, String id, @Nullable String database, long objects, long bytes, String why) {}

    /** @param pinned null only to ask whether there is such a backup */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PinOrder(String cluster, String backup, @Nullable Boolean pinned, String who) {}

    /**
     * @param kind    {@code dump} or {@code base-backup}; null for a pin whose backup is gone
     * @param changed whether it was otherwise before
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Pinned(String cluster, String backup, @Nullable String kind, boolean pinned, boolean changed) {}
}
