package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.domain.FailureCode.AMBIGUOUS_TIMELINE;
import static dev.lifeboat.workflows.domain.FailureCode.TARGET_BEYOND_WAL;
import static dev.lifeboat.workflows.domain.FailureCode.TOO_LITTLE_SPACE;
import static dev.lifeboat.workflows.domain.FailureCode.UNKNOWN_RESTORE_POINT;
import static dev.lifeboat.workflows.domain.FailureCode.UNKNOWN_TIMELINE;
import static dev.lifeboat.workflows.domain.FailureCode.UNKNOWN_XID;
import static dev.lifeboat.workflows.domain.FailureCode.WAL_GAP;

import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
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
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides from facts read at one moment whether and how a target can be reached. Nothing is touched before it said yes:
 * without it, users learn after hours of replay that a segment is missing.
 */
public final class PitrRecoveryPlan {

    /** The WAL that may lie beside the copy at one time, in segments. */
    private static final int WAL_IN_FLIGHT = 64;

    private final PitrRecoveryInput input;
    private final RecoveryFacts facts;
    private final List<RecoveryFailure> refusals = new ArrayList<>();

    private PitrRecoveryPlan(PitrRecoveryInput input, RecoveryFacts facts) {
        this.input = input;
        this.facts = facts;
    }

    /** What to ask the world for, before {@link #decide}. */
    public static FactsQuery query(PitrRecoveryInput input) {
        return new FactsQuery(
                input.cluster(),
                input.target(),
                input.exclusive(),
                input.timeline(),
                input.placement(),
                input.into(),
                input.port());
    }

    /** Pure: the same facts give the same plan or the same refusals, every reason at once. */
    public static PlannedRecovery decide(PitrRecoveryInput input, RecoveryFacts facts) {
        PitrRecoveryPlan planning = new PitrRecoveryPlan(input, facts);
        RecoveryPlan plan = planning.decide();
        return new PlannedRecovery(planning.refusals.isEmpty() ? plan : null, List.copyOf(planning.refusals));
    }

    private @Nullable RecoveryPlan decide() {
        obstacles();
        TimelinePath path = choosePath();
        if (path == null) {
            return null;
        }
        Stop stop = locate(path);
        BaseBackup backup = new BackupChoice(input, facts, path, refusals::add).choose(stop == null ? null : stop.lsn);
        if (stop == null || backup == null) {
            return null;
        }
        Lsn end = stop.lsn != null ? stop.lsn : backup.endLsn();
        int last = stop.timeline != 0 ? stop.timeline : path.timelineEndingAt(end);
        TimelinePath own = endingAt(last, path, backup, end);
        List<WalSegment> segments = own.segments(backup.startLsn(), end);
        gaps(own, segments);
        space(backup, segments.size());
        return plan(own, stop, backup, segments);
    }

    /**
     * The path that ends with the timeline on which recovery stops. PostgreSQL writes the timeline it was told to recover
     * along into the history of the new one, even if it stopped on an older one: such a history would name a way that
     * nobody went. Only where a segment is left on the newer timeline alone, the newer one is taken.
     */
    private TimelinePath endingAt(int last, TimelinePath path, BaseBackup backup, Lsn end) {
        if (last == path.timeline()) {
            return path;
        }
        TimelineFacts found = facts.timelines().stream()
                .filter(each -> each.timeline() == last)
                .findFirst()
                .orElseThrow();
        TimelinePath own = TimelinePath.to(last, found.history(), facts.timelines(), facts.segmentSize());
        boolean whole = own.segments(backup.startLsn(), end).stream().allMatch(own::isAvailable);
        return whole || !path.segments(backup.startLsn(), end).stream().allMatch(path::isAvailable) ? own : path;
    }

    /**
     * @param lsn      where the log must reach to; null for {@code immediate}, which depends on the backup
     * @param timeline 0 where it follows from the position
     * @param location null for {@code latest} and {@code immediate}
     */
    private record Stop(@Nullable Lsn lsn, int timeline, @Nullable TargetLocation location) {}

    private void obstacles() {
        for (String obstacle : facts.obstacles()) {
            Optional<FailureCode> code = Arrays.stream(FailureCode.values())
                    .filter(each -> obstacle.startsWith(each.name() + ": "))
                    .findFirst();
            String text = code.map(each -> obstacle.substring(each.name().length() + 2))
                    .orElse(obstacle);
            refuse(
                    code.orElse(FailureCode.SWAP_IMPOSSIBLE),
                    text,
                    "remove the obstacle, or recover beside the live cluster with '--into DIR --port N'");
        }
    }

    private @Nullable TimelinePath choosePath() {
        List<Integer> known =
                facts.timelines().stream().map(TimelineFacts::timeline).sorted().toList();
        if (known.isEmpty()) {
            refuse(
                    FailureCode.NO_BASE_BACKUP,
                    "cannot recover %s: there is no WAL of it, in the bucket or on the live disk"
                            .formatted(input.cluster()),
                    "set archiving up with 'lifeboat setup postgres %s --apply'".formatted(input.cluster()));
            return null;
        }
        int wanted = wantedTimeline(known);
        Optional<TimelineFacts> found =
                facts.timelines().stream().filter(t -> t.timeline() == wanted).findFirst();
        if (found.isEmpty()) {
            refuse(
                    UNKNOWN_TIMELINE,
                    "cannot recover %s along timeline %s: only %s exist"
                            .formatted(input.cluster(), Objects.toString(input.timeline()), timelines(known)),
                    "'lifeboat window %s' shows what each of them reaches".formatted(input.cluster()));
            return null;
        }
        if (found.get().history() == null && wanted != 1) {
            refuse(
                    UNKNOWN_TIMELINE,
                    "cannot recover %s along timeline %d: its history file %08X.history is missing, in the bucket and on the live disk"
                            .formatted(input.cluster(), wanted, wanted),
                    "recover along an older one with '--timeline N'; there are " + timelines(known));
            return null;
        }
        return TimelinePath.to(wanted, found.get().history(), facts.timelines(), facts.segmentSize());
    }

    private int wantedTimeline(List<Integer> known) {
        int newest = known.get(known.size() - 1);
        String typed = input.timeline();
        if (typed == null || typed.equals("latest")) {
            return newest;
        }
        if (typed.equals("current")) {
            return BackupChoice.timelineOfNewest(input, facts).orElse(newest);
        }
        return typed.matches("\\d{1,9}") ? Integer.parseInt(typed) : 0;
    }

    private static String timelines(List<Integer> known) {
        return (known.size() == 1 ? "timeline " : "timelines ")
                + known.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private @Nullable Stop locate(TimelinePath path) {
        RecoveryTarget target = input.target();
        if (target instanceof Immediate) {
            return new Stop(null, 0, null);
        }
        if (target instanceof Latest) {
            return path.end().map(end -> new Stop(end, path.timeline(), null)).orElseGet(() -> {
                beyond(path, "the WAL of timeline " + path.timeline() + " has no end that could be read");
                return null;
            });
        }
        if (target instanceof AtTime at && at.time().isAfter(facts.readAt())) {
            beyond(path, "it lies in the future: it was read at " + facts.readAt());
            return null;
        }
        Optional<TargetLocation> found = path.firstOnPath(facts.locations(), stopsBefore());
        if (isOnAnotherBranch(path, found)) {
            return null;
        }
        if (found.isEmpty()) {
            notFound(path);
            return null;
        }
        TargetLocation location = found.get();
        if (target instanceof AtTime && location.nextCommitAt() == null) {
            beyond(path, "no commit after it is in the WAL, so nothing proves that this time was reached");
            return null;
        }
        return new Stop(location.stopLsn(), location.timeline(), location);
    }

    /** Asked about only while nobody said which branch is meant; a position exists on every branch, so it is not. */
    private boolean isOnAnotherBranch(TimelinePath path, Optional<TargetLocation> onPath) {
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

    private void notFound(TimelinePath path) {
        RecoveryTarget target = input.target();
        if (target instanceof AtXid xid) {
            refuse(
                    UNKNOWN_XID,
                    "cannot recover %s to transaction %d: no commit or abort of it is in the WAL on the way to timeline %d"
                            .formatted(input.cluster(), xid.xid(), path.timeline()),
                    reachable(path));
        } else if (target instanceof AtRestorePoint point) {
            refuse(
                    UNKNOWN_RESTORE_POINT,
                    "cannot recover %s to '%s': no restore point of that name is in the WAL on the way to timeline %d"
                            .formatted(input.cluster(), point.name(), path.timeline()),
                    reachable(path));
        } else {
            beyond(path, "the WAL on the way to timeline %d ends before it".formatted(path.timeline()));
        }
    }

    private void beyond(TimelinePath path, String why) {
        refuse(
                TARGET_BEYOND_WAL,
                "cannot recover %s to %s: %s"
                        .formatted(input.cluster(), input.target().asTyped(), why),
                "take all there is with '--target latest'; " + reachable(path));
    }

    private String reachable(TimelinePath path) {
        String from = facts.backups().stream()
                .filter(path::canStartFrom)
                .map(BaseBackup::endedAt)
                .min(Instant::compareTo)
                .map(Instant::toString)
                .orElse("nowhere");
        Instant last = path.lastCommitAt();
        return "what can be reached goes from %s to %s".formatted(from, last == null ? "the end of WAL" : last);
    }

    private void gaps(TimelinePath path, List<WalSegment> needed) {
        List<WalSegment> missing =
                needed.stream().filter(each -> !path.isAvailable(each)).toList();
        if (missing.isEmpty()) {
            return;
        }
        Lsn gap = facts.segmentSize().startOf(missing.get(0));
        Optional<BaseBackup> later = facts.backups().stream()
                .filter(path::canStartFrom)
                .filter(backup -> backup.startLsn().isAfter(gap))
                .findFirst();
        List<String> names = path.names(missing);
        refuse(
                WAL_GAP,
                "cannot recover %s to %s: %d of the %d WAL segments it needs are missing: %s%s"
                        .formatted(
                                input.cluster(),
                                input.target().asTyped(),
                                missing.size(),
                                needed.size(),
                                String.join(", ", names.subList(0, Math.min(names.size(), 10))),
                                names.size() > 10 ? ", …" : ""),
                "before the gap: '--target-lsn %s --exclusive' is the last that can be reached; after it: %s"
                        .formatted(
                                gap,
                                later.map(backup -> "from %s, the end of base backup %s"
                                                .formatted(backup.endedAt(), backup.id()))
                                        .orElse("nothing until the next base backup")));
    }

    private void space(BaseBackup backup, int segments) {
        long need = backup.bytes()
                + Math.min(segments, WAL_IN_FLIGHT) * facts.segmentSize().bytes();
        long free = facts.space().free();
        if (free >= 0 && free < need) {
            refuse(
                    TOO_LITTLE_SPACE,
                    "cannot recover %s beside its data: the copy and its WAL need %d MiB, and %d MiB are free"
                            .formatted(input.cluster(), need >> 20, free >> 20),
                    "free some room, or recover to another disk with '--into DIR --port N'");
        }
    }

    private RecoveryPlan plan(TimelinePath path, Stop stop, BaseBackup backup, List<WalSegment> segments) {
        TargetLocation location = stop.location;
        List<Leg> legs = path.legs().stream()
                .filter(leg -> leg.timeline() >= backup.timeline())
                .toList();
        List<String> names = path.names(segments);
        return PlanDigest.sign(new RecoveryPlan(
                input.cluster(),
                facts.systemId(),
                input.placement(),
                input.target(),
                input.exclusive(),
                backup,
                path.timeline(),
                legs,
                location == null ? null : location.stopLsn(),
                location == null ? null : location.lastCommitAt(),
                location == null ? null : location.nextCommitAt(),
                names.get(0),
                names.get(names.size() - 1),
                names.size(),
                path.lastCommitAt(),
                PlanDigest.directories(input, facts.live()),
                List.copyOf(facts.writers()),
                ""));
    }

    private void refuse(FailureCode code, String message, String hint) {
        refusals.add(new RecoveryFailure(code, message, hint));
    }
}
