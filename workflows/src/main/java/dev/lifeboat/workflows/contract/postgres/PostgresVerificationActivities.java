package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.contract.evidence.SeenToFail;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.postgres.Dump;
import io.temporal.activity.ActivityInterface;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a verification, next to one data directory and never in it. Each checks its fence before it changes
 * anything, may be called twice or overlap with its own ghost, and makes sure of the steps before it: a server that was
 * lost meanwhile is simply made again.
 */
@ActivityInterface(namePrefix = "PostgresVerification")
public interface PostgresVerificationActivities {

    /** Reads the bucket and looks at this host; changes nothing. */
    VerificationFacts gatherFacts(String cluster);

    /** Makes the throw-away server and starts it; finds the one of an earlier attempt again. */
    StepOutcome startServer(VerificationOrder order);

    /** Makes the roles of the dump's cluster; tablespaces become folders within the throw-away server. */
    StepOutcome restoreGlobals(VerificationOrder order);

    /**
     * Restores the dump. One that cannot be restored is an answer and no failure: then a check of the outcome is red, and
     * {@link LoadedDump#loaded} is false.
     */
    LoadedDump loadDump(VerificationOrder order);

    /** Compares the restored database with the manifest, and asks it what its owner would ask. */
    CheckedDatabase checkDatabase(VerificationOrder order);

    /**
     * Damages the restored copy, and what is read of the archive, in every way that a check should notice, and demands red
     * from that check. Nothing of the damage stays. What was seen is noted in the bucket.
     */
    ProvenChecks proveChecks(VerificationOrder order);

    /** Leaves the server running for a person, and notes until when. */
    StepOutcome keepServer(VerificationOrder order);

    /** Ends the server and removes everything of it; refuses to touch anything else. */
    StepOutcome removeServer(VerificationOrder order);

    /** Notes beside the dump's manifest that it was restored and found good. Never twice for one run. */
    StepOutcome noteProof(ProofOrder order);

    /**
     * @param dumps      oldest first, all that retention has kept
     * @param programs   folders with the programs of a server, by major version, that this host has
     * @param seenToFail when each check last failed on purpose, by its name
     * @param place      below which throw-away servers are made
     * @param freeBytes  there
     * @param lots       numbers from 0 to below 1, drawn by the worker, so that a replay draws the same
     */
    record VerificationFacts(
            List<Dump> dumps,
            List<UnusableBackup> unusable,
            Map<Integer, String> programs,
            Map<String, SeenToFail> seenToFail,
            String mainDatabase,
            String dataDirectory,
            String place,
            long freeBytes,
            Lots lots,
            Instant readAt,
            StepOutcome outcome)
            implements Outcome<VerificationFacts> {
        @Override
        public VerificationFacts withOutcome(StepOutcome noted) {
            return new VerificationFacts(
                    dumps,
                    unusable,
                    programs,
                    seenToFail,
                    mainDatabase,
                    dataDirectory,
                    place,
                    freeBytes,
                    lots,
                    readAt,
                    noted);
        }
    }

    record Lots(double dump, double moment) {}

    /**
     * @param run of the Temporal run, as {@code restore-verification/main@<run id>}
     */
    record VerificationOrder(VerificationPlan plan, Fence fence, String run) {}

    /** @param loaded whether the dump could be restored at all */
    record LoadedDump(boolean loaded, StepOutcome outcome) implements Outcome<LoadedDump> {
        @Override
        public LoadedDump withOutcome(StepOutcome noted) {
            return new LoadedDump(loaded, noted);
        }
    }

    /** @param newestMarker of the restored copy; null where the dump has no marker */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CheckedDatabase(@Nullable Instant newestMarker, StepOutcome outcome) implements Outcome<CheckedDatabase> {
        @Override
        public CheckedDatabase withOutcome(StepOutcome noted) {
            return new CheckedDatabase(newestMarker, noted);
        }
    }

    /** @param seenToFail of every check that is known, those of earlier runs included */
    record ProvenChecks(Map<String, SeenToFail> seenToFail, StepOutcome outcome) implements Outcome<ProvenChecks> {
        @Override
        public ProvenChecks withOutcome(StepOutcome noted) {
            return new ProvenChecks(seenToFail, noted);
        }
    }

    /** @param checks how many were green */
    record ProofOrder(VerificationOrder verification, int checks, Instant provedAt) {}
}
