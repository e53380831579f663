package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares where recovery stopped, by the server's own log and the history file of the new timeline, with where the plan
 * said that it would. A pure function of what was read.
 */
final class RecoveryProof {

    private static final int PAGE = 8192;
    private static final int PAGE_HEADER = 24;
    private static final int SEGMENT_HEADER = 40;

    private final RecoveryPlan plan;
    private final WalSegmentSize size;

    RecoveryProof(RecoveryPlan plan, WalSegmentSize size) {
        this.plan = plan;
        this.size = size;
    }

    /**
     * @param log     of all starts
     * @param history of the new timeline
     * @param known   for a recovery to the end of WAL: where the last WAL that can be had ends
     */
    record Evidence(ReplayLog log, TimelineHistory history, Optional<Lsn> known) {}

    record Proven(RecoveryPoint point, List<Check> checks) {}

    /** @throws RecoveryFailure RECOVERY_POINT_WRONG with the two facts that disagree */
    Proven prove(Evidence evidence) {
        ReplayLog log = evidence.log();
        require(log.complete(), "recovery was completed", "archive recovery complete", "nothing of that");
        List<TimelineHistory.Fork> forks = evidence.history().forks();
        require(!forks.isEmpty(), "the new timeline has a history", "a fork from " + plan.timeline(), "none");
        TimelineHistory.Fork fork = forks.get(forks.size() - 1);
        List<Check> checks = new ArrayList<>();
        checks.add(check("forked from timeline", plan.timeline(), fork.timeline(), fork.timeline() == plan.timeline()));
        if (log.newTimeline() != 0) {
            checks.add(check(
                    "new timeline",
                    log.newTimeline(),
                    evidence.history().timeline(),
                    log.newTimeline() == evidence.history().timeline()));
        }
        checks.add(stopReason(log));
        checks.add(position(fork.end(), evidence));
        times(log).ifPresent(checks::add);
        RecoveryPoint point =
                new RecoveryPoint(fork.end(), evidence.history().timeline(), lastCommit(log), nextCommit(log));
        return new Proven(point, List.copyOf(checks));
    }

    private Check stopReason(ReplayLog log) {
        ReplayLog.Stop stop = log.stop();
        String expected = plan.target() instanceof RecoveryTarget.Latest ? "the end of WAL" : wantedStop();
        String observed = stop == null ? "the end of WAL" : stop.words();
        boolean right = stop == null
                ? plan.target() instanceof RecoveryTarget.Latest
                : stop.what().matches(wantedStop()) && named(stop);
        return check("recovery stopped at the target", expected.replace('|', '/'), observed, right);
    }

    private String wantedStop() {
        RecoveryTarget target = plan.target();
        if (target instanceof RecoveryTarget.AtLsn) {
            return "lsn";
        }
        if (target instanceof RecoveryTarget.AtRestorePoint) {
            return "restore point";
        }
        return target instanceof RecoveryTarget.Immediate ? "consistency" : "commit|abort";
    }

    private boolean named(ReplayLog.Stop stop) {
        if (plan.target() instanceof RecoveryTarget.AtXid xid) {
            return stop.value().equals(Long.toString(xid.xid()));
        }
        if (plan.target() instanceof RecoveryTarget.AtRestorePoint point) {
            return stop.value().equals(point.name());
        }
        return true;
    }

    private Check position(Lsn reached, Evidence evidence) {
        if (plan.target() instanceof RecoveryTarget.Latest) {
            Lsn known = evidence.known().orElse(size.startOf(size.parse(plan.lastSegment())));
            return check(
                    "recovered to the end of WAL",
                    "not before " + known,
                    reached,
                    !normal(reached).isBefore(normal(known)));
        }
        if (plan.stopLsn() == null) {
            Lsn least = plan.backup().endLsn();
            return check(
                    "recovered until the backup is whole", "not before " + least, reached, !reached.isBefore(least));
        }
        return check(
                "recovered to the planned position",
                plan.stopLsn(),
                reached,
                normal(reached).equals(normal(plan.stopLsn())));
    }

    /** A transaction that is in may not be later than the time that was asked for. */
    private Optional<Check> times(ReplayLog log) {
        if (!(plan.target() instanceof RecoveryTarget.AtTime at) || log.lastCompleted() == null) {
            return Optional.empty();
        }
        boolean right = plan.exclusive()
                ? log.lastCompleted().isBefore(at.time())
                : !log.lastCompleted().isAfter(at.time());
        return Optional.of(check(
                "no transaction is in that ended after the target",
                (plan.exclusive() ? "before " : "not after ") + at.time(),
                log.lastCompleted(),
                right));
    }

    private @Nullable Instant lastCommit(ReplayLog log) {
        return plan.stopLsn() != null && plan.lastCommitAt() != null ? plan.lastCommitAt() : log.lastCompleted();
    }

    private @Nullable Instant nextCommit(ReplayLog log) {
        ReplayLog.Stop stop = log.stop();
        if (stop != null && stop.before() && stop.what().equals("commit") && stop.time() != null) {
            return stop.time();
        }
        return plan.nextCommitAt();
    }

    /** The end of a record before a page and the begin of the next one behind the page's header are the same place. */
    private Lsn normal(Lsn lsn) {
        long value = lsn.value();
        if (value % size.bytes() == SEGMENT_HEADER) {
            return new Lsn(value - SEGMENT_HEADER);
        }
        return value % PAGE == PAGE_HEADER ? new Lsn(value - PAGE_HEADER) : lsn;
    }

    private Check check(String name, Object expected, Object observed, boolean passed) {
        require(passed, name, expected, observed);
        return Check.of(name, String.valueOf(expected), String.valueOf(observed), true);
    }

    private void require(boolean passed, String name, Object expected, Object observed) {
        if (!passed) {
            throw new RecoveryFailure(
                    FailureCode.RECOVERY_POINT_WRONG,
                    "recovery of %s did not end where it should: %s: expected %s, found %s"
                            .formatted(plan.cluster(), name, expected, observed),
                    "the live cluster was not touched by this; look at the copy, then abort and plan again");
        }
    }
}
