package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.file.Path;

/** Tells from the log of a copy's server that died why it died, and what that means for the recovery. */
final class ReplayDiagnosis {

    /** An old server's children have not gone yet: nothing is wrong, only early. */
    static final String LEFTOVERS = "pre-existing shared memory block";

    static final String MISSING_LIBRARY = "resource manager with ID";

    private ReplayDiagnosis() {}

    static RecoveryFailure of(RecoveryPlan plan, ReplayLog log, Path file) {
        String words = log.lastComplaint().orElse("");
        String where = "the server's log is " + file;
        if (log.complainsOf("recovery ended before configured recovery target was reached")) {
            return new RecoveryFailure(
                    FailureCode.TARGET_BEYOND_WAL,
                    "cannot reach %s: the WAL ended before it; the last transaction in it ended at %s"
                            .formatted(plan.target().asTyped(), log.lastCompleted()),
                    "choose an earlier target or 'latest'; 'lifeboat window %s' shows what can be reached"
                            .formatted(plan.cluster()));
        }
        if (log.complainsOf("requested recovery stop point is before consistent recovery point")) {
            return new RecoveryFailure(
                    FailureCode.TARGET_BEFORE_BACKUP,
                    "cannot stop at %s: base backup %s is only consistent from %s on"
                            .formatted(
                                    plan.target().asTyped(),
                                    plan.backup().id(),
                                    plan.backup().endLsn()),
                    "choose an older backup with --backup; 'lifeboat backups %s' lists them".formatted(plan.cluster()));
        }
        if (log.complainsOf("No space left on device")) {
            return new RecoveryFailure(
                    FailureCode.TOO_LITTLE_SPACE,
                    "the copy's server stopped for lack of space: " + words,
                    "free space on that file system, then 'lifeboat retry'");
        }
        if (log.complainsOf("valid checkpoint record")
                || log.complainsOf("required checkpoint record")
                || log.complainsOf("backup_label")
                || log.complainsOf("incorrect checksum in control file")
                || log.complainsOf("control file contains invalid data")
                || log.complainsOf("WAL contains references to invalid pages")) {
            return new RecoveryFailure(
                    FailureCode.BACKUP_DAMAGED,
                    "base backup %s cannot be recovered: %s"
                            .formatted(plan.backup().id(), words),
                    "choose another with --backup; " + where);
        }
        if (log.newTimeline() == 0 && log.consistentAt() == null && !words.isEmpty() && !isOutage(words)) {
            return new RecoveryFailure(
                    FailureCode.SERVER_DID_NOT_START, "the copy's server did not start: " + words, where);
        }
        return new RecoveryFailure(
                FailureCode.SERVER_DIED_IN_REPLAY,
                words.isEmpty()
                        ? "the copy's server ended without a word: it was killed"
                        : "the copy's server stopped in replay: " + words,
                "it is started again and goes on from its last restart point; " + where);
    }

    /** A limit that was raised on the primary after the base backup is too small in the copy. */
    static boolean lacksCapacity(ReplayLog log) {
        return log.complainsOf("maximum number of prepared transactions reached")
                || log.complainsOf("out of shared memory")
                || log.complainsOf("insufficient parameter settings");
    }

    /** The shim gave up waiting: the server stopped instead of taking silence for the end of the archive. */
    static boolean isOutage(String words) {
        return words.contains("child process exited with exit code 200");
    }
}
