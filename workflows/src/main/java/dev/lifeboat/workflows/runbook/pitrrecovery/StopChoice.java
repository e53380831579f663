package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.domain.FailureCode.AMBIGUOUS_TIMELINE;
import static dev.lifeboat.workflows.domain.FailureCode.TARGET_BEYOND_WAL;
import static dev.lifeboat.workflows.domain.FailureCode.UNKNOWN_RESTORE_POINT;
import static dev.lifeboat.workflows.domain.FailureCode.UNKNOWN_XID;

import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtLsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtRestorePoint;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtTime;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtXid;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.Immediate;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.Latest;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where in the WAL recovery has to stop for what was asked, or why nothing there proves that it was reached. */
final class StopChoice {

    private final PitrRecoveryInput input;
    private final RecoveryFacts facts;
    private final TimelinePath path;
    private final Consumer<RecoveryFailure> refusals;

    StopChoice(PitrRecoveryInput input, RecoveryFacts facts, TimelinePath path, Consumer<RecoveryFailure> refusals) {
        this.input = input;
        this.facts = facts;
        this.path = path;
        this.refusals = refusals;
    }

    /**
     * @param lsn      where the log must reach to; null for {@code immediate}, which depends on the backup
     * @param timeline 0 where it follows from the position
     * @param location null for {@code latest} and {@code immediate}
     */
    record Stop(@Nullable Lsn lsn, int timeline, @Nullable TargetLocation location) {}

    @Nullable Stop choose() {
        RecoveryTarget target = input.target();
        if (target instanceof Immediate) {
            return new Stop(null, 0, null);
        }
        if (target instanceof Latest) {
            return path.end().map(end -> new Stop(end, path.timeline(), null)).orElseGet(() -> {
                beyond("the WAL of timeline " + path.timeline() + " has no end that could be read");
                return null;
            });
        }
        Optional<TargetLocation> found = target instanceof AtRestorePoint || target instanceof AtTime
                ? path.lastOnPath(facts.locations(), stopsBefore())
                : path.firstOnPath(facts.locations(), stopsBefore());
        if (isOnAnotherBranch(found)) {
            return null;
        }
        boolean proven = found.isPresent() && found.get().nextCommitAt() != null;
        if (target instanceof AtTime at && !proven && at.time().isAfter(facts.readAt())) {
            // A commit after it would prove that it is past, whatever the clock of this host says.
            beyond("it lies in the future: the clock of the worker said %s when the WAL was read"
                    .formatted(facts.readAt()));
            return null;
        }
        if (found.isEmpty()) {
            notFound();
            return null;
        }
        TargetLocation location = found.get();
        if (target instanceof AtTime at
                && location.nextCommitAt() == null
                && !path.hasCommitAfter(at.time(), location.timeline())) {
            beyond("no commit after it is in the WAL, so nothing proves that this time was reached");
            return null;
        }
        return new Stop(location.stopLsn(), location.timeline(), location);
    }

    /**
     * PostgreSQL stops at the first restore point of a name that it meets. Where the name was used before, after the
     * backup, it must be told the position instead.
     */
    boolean isAnotherMetFirst(Stop stop, BaseBackup backup) {
        Lsn namesake = stop.location == null ? null : stop.location.namesakeLsn();
        return namesake != null && !namesake.isBefore(backup.startLsn());
    }

    /**
     * A position is one to stop before, so a record must follow it: on its own timeline, or, where that ends with it, on
     * the one that goes on from there.
     */
    TimelinePath goingOnBehind(TargetLocation location, TimelinePath own) {
        if (own.goesOnBehind(location.stopLsn())) {
            return own;
        }
        if (!path.goesOnBehind(location.stopLsn())) {
            refuse(
                    TARGET_BEYOND_WAL,
                    "cannot recover %s to the newest restore point '%s' (%s): one of the same name at %s comes first, and no record behind the newest one is in the WAL"
                            .formatted(
                                    input.cluster(),
                                    input.target().asTyped(),
                                    location.stopLsn(),
                                    location.namesakeLsn()),
                    "nothing was written after it: take '--target latest --timeline %1$d'; or the earlier one with '--target-lsn %2$s --exclusive --timeline %1$d'"
                            .formatted(location.timeline(), location.namesakeLsn()));
        }
        return path;
    }

    /** Asked about only while nobody said which branch is meant; a position exists on every branch, so it is not. */
    private boolean isOnAnotherBranch(Optional<TargetLocation> onPath) {
        if (input.timeline() != null || input.target() instanceof AtLsn) {
            return false;
        }
        Optional<TargetLocation> elsewhere = facts.locations().stream()
                .filter(location -> !path.holds(location, stopsBefore()))
                .filter(location -> onPath.isEmpty() || !sameData(location, onPath.get()))
                .findFirst();
        elsewhere.ifPresent(location -> refuse(
                AMBIGUOUS_TIMELINE,
                "cannot tell which %s of %s is meant: it lies on timeline %d, after timeline %d had left it%s"
                        .formatted(
                                input.target().asTyped(),
                                input.cluster(),
                                location.timeline(),
                                path.timeline(),
                                onPath.map(own -> ", and on the way to timeline " + path.timeline() + " too")
                                        .orElse("")),
                "say which branch with '--timeline %d' or '--timeline %d'"
                        .formatted(location.timeline(), path.timeline())));
        return elsewhere.isPresent();
    }

    /** Of a time, the first later commit is found and stays out; of the others, the thing itself is found. */
    private boolean stopsBefore() {
        return input.target() instanceof AtTime || input.exclusive() && !(input.target() instanceof AtRestorePoint);
    }

    private static boolean sameData(TargetLocation one, TargetLocation other) {
        return one.lastCommitAt() != null && one.lastCommitAt().equals(other.lastCommitAt());
    }

    private void notFound() {
        RecoveryTarget target = input.target();
        if (target instanceof AtXid xid) {
            refuse(
                    UNKNOWN_XID,
                    "cannot recover %s to transaction %d: no commit or abort of it is in the WAL on the way to timeline %d"
                            .formatted(input.cluster(), xid.xid(), path.timeline()),
                    reachable());
        } else if (target instanceof AtRestorePoint point) {
            refuse(
                    UNKNOWN_RESTORE_POINT,
                    "cannot recover %s to '%s': no restore point of that name is in the WAL on the way to timeline %d"
                            .formatted(input.cluster(), point.name(), path.timeline()),
                    reachable());
        } else {
            beyond("the WAL on the way to timeline %d ends before it".formatted(path.timeline()));
        }
    }

    private void beyond(String why) {
        refuse(
                TARGET_BEYOND_WAL,
                "cannot recover %s to %s: %s"
                        .formatted(input.cluster(), input.target().asTyped(), why),
                "take all there is with '--target latest'; " + reachable());
    }

    private String reachable() {
        String from = facts.backups().stream()
                .filter(path::canStartFrom)
                .map(BaseBackup::endedAt)
                .min(Instant::compareTo)
                .map(Instant::toString)
                .orElse("nowhere");
        Instant last = path.lastCommitAt();
        return "what can be reached goes from %s to %s".formatted(from, last == null ? "the end of WAL" : last);
    }

    private void refuse(FailureCode code, String message, String hint) {
        refusals.accept(new RecoveryFailure(code, message, hint));
    }
}
