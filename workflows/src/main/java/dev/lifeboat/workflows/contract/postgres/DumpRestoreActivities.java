package dev.lifeboat.workflows.contract.postgres;

import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Choice;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Source;
import dev.lifeboat.workflows.domain.Fence;
import io.temporal.activity.ActivityInterface;
import java.util.List;
import java.util.Objects;

/**
 * Restoring a dump beside a live database, and putting it into that one's place. Each call can be made twice: it looks first
 * what the one before left.
 */
@ActivityInterface(namePrefix = "DumpRestore")
public interface DumpRestoreActivities {

    DumpRestoreFacts gatherFacts(DumpRestoreQuery query);

    /**
     * What the bytes of the chosen dump are, and whether the tables that are asked for are in it.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure UNKNOWN_BACKUP when it is not there; DUMP_UNUSABLE when it is none
     */
    Inspected inspect(InspectOrder order);

    /** Room for the archive on the worker's disk and for the database on the server's; and the programs. */
    StepOutcome checkRoom(DumpRestoreOrder order);

    /** A new, empty database with owner, encoding and collation of the dump and the settings and grants of the live one. */
    StepOutcome createDatabase(DumpRestoreOrder order);

    /**
     * Puts the archive down on the disk, checks all of it, and only then loads it. What a killed attempt has put down is
     * used again; what it has loaded is not.
     */
    StepOutcome loadDump(DumpRestoreOrder order);

    StepOutcome analyze(DumpRestoreOrder order);

    /** Compares the copy with the manifest of the dump. */
    StepOutcome checkDatabase(DumpRestoreOrder order);

    /** The configured migration command. */
    StepOutcome migrate(DumpRestoreOrder order);

    /** The configured smoke tests, on the restored database. */
    StepOutcome smokeTestCopy(DumpRestoreOrder order);

    /** Shuts connections out, renames both databases in one transaction, and lets connections in again. */
    StepOutcome swapIn(DumpRestoreOrder order);

    /** The live database under its name again, and open; whatever had been done of the swap. */
    StepOutcome swapBack(DumpRestoreOrder order);

    /** The configured smoke tests, through the real address. */
    StepOutcome smokeTestLive(DumpRestoreOrder order);

    /** Removes the restored database and what lies on the disk. Never one that is not this run's. */
    StepOutcome dropDatabase(DumpRestoreOrder order);

    /** @param backup as asked for: {@code latest}, an ID, an address or a path */
    record DumpRestoreQuery(String cluster, String database, String backup) {}

    /** @param tables that are asked for; empty for all, as those of before ask */
    record InspectOrder(String cluster, String database, Choice choice, List<String> tables) {

        public InspectOrder {
            tables = Objects.requireNonNullElse(tables, List.of());
        }
    }

    record Inspected(Source source, StepOutcome outcome) implements Outcome<Inspected> {
        @Override
        public Inspected withOutcome(StepOutcome noted) {
            return new Inspected(source, noted);
        }
    }

    record DumpRestoreOrder(DumpRestorePlan plan, Fence fence) {}
}
