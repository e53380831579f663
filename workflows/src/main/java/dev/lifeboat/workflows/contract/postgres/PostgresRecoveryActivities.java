package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import io.temporal.activity.ActivityInterface;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a point-in-time recovery, next to one data directory. Each checks its fence before it changes anything,
 * may be called twice or overlap with its own ghost, and goes on from what it finds on disk.
 */
@ActivityInterface(namePrefix = "PostgresRecovery")
public interface PostgresRecoveryActivities {

    /** Reads the bucket and the live disk; changes nothing. */
    RecoveryFacts gatherFacts(FactsQuery query);

    /** Stops the configured writers and proves that they are gone. Records each one's state before, for the undo. */
    StepOutcome stopWriters(RecoveryOrder order);

    /** Starts again those writers that {@link #stopWriters} stopped, and no others. */
    StepOutcome startWriters(RecoveryOrder order);

    /** Admits only the local socket as the server's own user, and ends every other session. A dead cluster is no obstacle. */
    StepOutcome quiesce(RecoveryOrder order);

    /** Puts the original access rules of the live data directory back. */
    StepOutcome liftQuiesce(RecoveryOrder order);

    /** Stops the live server and proves that it is down. */
    StepOutcome stopServer(RecoveryOrder order);

    /** Starts the live server as it was; the undo of {@link #stopServer}. */
    StepOutcome startServer(RecoveryOrder order);

    /** Brings what is left of the live {@code pg_wal} to safety: whole segments to the archive, the unfinished one beside the copy. */
    SavedWal saveWal(RecoveryOrder order);

    /** Restores the base backup into the copy's directory, {@code global/pg_control} last; resumes at a chunk. */
    StepOutcome restoreBaseBackup(RecoveryOrder order);

    /** Writes the recovery settings of the copy and proves that they name the copy. */
    StepOutcome configureRecovery(RecoveryOrder order);

    /** Starts the copy, feeds it WAL until it was promoted; finds a running one again; never promotes early. */
    StepOutcome replayWal(RecoveryOrder order);

    /** Reads from the copy's own log and the WAL where recovery stopped, and compares it with the plan. */
    ProvenPoint proveRecoveryPoint(RecoveryOrder order);

    /** Runs the configured SQL on the private socket of the copy. */
    StepOutcome smokeTestCopy(RecoveryOrder order);

    /** Checkpoint, clean stop, everything to disk, safe settings back: after this the copy may be accepted. */
    StepOutcome makeDurable(RecoveryOrder order);

    /** Renames the live directory aside and the copy into its place, journalled; a second call finishes or confirms it. */
    StepOutcome swapIn(RecoveryOrder order);

    /** Undoes a swap that nobody has used yet. */
    StepOutcome swapBack(RecoveryOrder order);

    /** Starts the recovered cluster in its final place with its original access rules and archiving. */
    StepOutcome reopen(RecoveryOrder order);

    /** Runs the configured SQL through the real address. */
    StepOutcome smokeTestLive(RecoveryOrder order);

    /** {@code pg_amcheck}; what it says is a finding, never a failure. */
    StepOutcome checkIndexes(RecoveryOrder order);

    /** Ends the copy's server and removes copy and workspace; refuses to touch anything else. */
    StepOutcome removeCopy(RecoveryOrder order);

    /** Ends the copy's server and removes the copy, so that it can be made anew; what was saved of the live WAL stays. */
    StepOutcome discardCopy(RecoveryOrder order);

    /** Removes the workspace of a copy that stays and runs; the copy itself is not touched. */
    StepOutcome removeWorkspace(RecoveryOrder order);

    /** @param timeline a number, {@code latest} or {@code current}; null for the newest in the archive */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FactsQuery(
            String cluster,
            RecoveryTarget target,
            boolean exclusive,
            @Nullable String timeline,
            Placement placement,
            @Nullable String into,
            int port) {}

    /** What every step is given. */
    record RecoveryOrder(RecoveryPlan plan, Fence fence) {}

    /**
     * @param lastSeenCommitAt the newest commit that is known to have existed, wherever it was seen; null when none is
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SavedWal(StepOutcome outcome, List<String> segments, @Nullable Lsn end, @Nullable Instant lastSeenCommitAt)
            implements Outcome<SavedWal> {
        @Override
        public SavedWal withOutcome(StepOutcome noted) {
            return new SavedWal(noted, segments, end, lastSeenCommitAt);
        }
    }

    /**
     * @param lastKnownCommitAt the last commit in all WAL that could be had, on the path replayed
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ProvenPoint(
            StepOutcome outcome,
            RecoveryPoint point,
            @Nullable Instant lastKnownCommitAt,
            String walFrom,
            String walTo,
            int segments)
            implements Outcome<ProvenPoint> {
        @Override
        public ProvenPoint withOutcome(StepOutcome noted) {
            return new ProvenPoint(noted, point, lastKnownCommitAt, walFrom, walTo, segments);
        }
    }
}
