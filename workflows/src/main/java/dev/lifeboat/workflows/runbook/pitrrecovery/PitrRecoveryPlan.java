package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.domain.FailureCode.WAL_GAP;

import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Leg;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtLsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.runbook.pitrrecovery.StopChoice.Stop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides from facts read at one moment whether and how a target can be reached. Nothing is touched before it said yes:
 * without it, users learn after hours of replay that a segment is missing.
 */
public final class PitrRecoveryPlan {

    /** A recovery elsewhere would need the same key. */
    private static final Set<FailureCode> KEYS =
            Set.of(FailureCode.WRONG_KEY, FailureCode.IDENTITY_MISSING, FailureCode.KEY_FILE_UNUSABLE);

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
        TimelineChoice timelines = new TimelineChoice(input, facts, refusals::add);
        TimelinePath path = timelines.choose();
        if (path == null) {
            return null;
        }
        StopChoice stops = new StopChoice(input, facts, path, refusals::add);
        Stop stop = stops.choose();
        BaseBackup backup =
                new BackupChoice(input, facts, path, refusals::add).choose(stop == null ? null : stop.lsn());
        if (stop == null || backup == null) {
            return null;
        }
        new ClockCheck(input, facts, path).refusal(stop, backup).ifPresent(refusals::add);
        Lsn end = stop.lsn() != null ? stop.lsn() : backup.endLsn();
        int last = stop.timeline() != 0 ? stop.timeline() : path.timelineEndingAt(end);
        TimelinePath own = timelines.endingAt(last, path, backup, end);
        boolean byPosition = stops.isAnotherMetFirst(stop, backup);
        if (byPosition && stop.location() != null) {
            own = stops.goingOnBehind(stop.location(), own);
        }
        List<WalSegment> segments = own.segments(backup.startLsn(), end);
        gaps(own, segments);
        new RoomCheck(input, facts, refusals::add).check(backup, segments.size());
        return plan(own, stop, backup, segments, byPosition);
    }

    private void obstacles() {
        for (String obstacle : facts.obstacles()) {
            Optional<FailureCode> code = Arrays.stream(FailureCode.values())
                    .filter(each -> obstacle.startsWith(each.name() + ": "))
                    .findFirst();
            String text = code.map(each -> obstacle.substring(each.name().length() + 2))
                    .orElse(obstacle);
            refuse(code.orElse(FailureCode.SWAP_IMPOSSIBLE), text, afterObstacle(code));
        }
    }

    private String afterObstacle(Optional<FailureCode> code) {
        if (code.filter(KEYS::contains).isPresent()) {
            return "name the right private key in bucket.encryption.identity, readable by the worker's user only; 'lifeboat doctor' looks at it";
        }
        return switch (input.placement()) {
            case IN_PLACE, DRILL ->
                "remove the obstacle, or recover beside the live cluster with '--into DIR --port N'";
            case INTO -> "remove the obstacle, or choose another folder or port";
        };
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
                "cannot recover %s to %s: %d of the %s it needs %s missing: %s%s"
                        .formatted(
                                input.cluster(),
                                input.target().asTyped(),
                                missing.size(),
                                ReportWords.count(needed.size(), "WAL segment", "WAL segments"),
                                missing.size() == 1 ? "is" : "are",
                                String.join(", ", names.subList(0, Math.min(names.size(), 10))),
                                names.size() > 10 ? ", …" : ""),
                "before the gap: '--target-lsn %s --exclusive' is the last that can be reached; after it: %s"
                        .formatted(
                                gap,
                                later.map(backup -> "from %s, the end of base backup %s"
                                                .formatted(backup.endedAt(), backup.id()))
                                        .orElse("nothing until the next base backup")));
    }

    private RecoveryPlan plan(
            TimelinePath path, Stop stop, BaseBackup backup, List<WalSegment> segments, boolean byPosition) {
        TargetLocation location = stop.location();
        RecoveryTarget target = byPosition && location != null ? new AtLsn(location.stopLsn()) : input.target();
        List<Leg> legs = path.legs().stream()
                .filter(leg -> leg.timeline() >= backup.timeline())
                .toList();
        List<String> names = path.names(segments);
        return PlanDigest.sign(new RecoveryPlan(
                input.cluster(),
                facts.systemId(),
                input.placement(),
                target,
                input.exclusive() || byPosition,
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
                PlanDigest.directories(input, facts.live(), backup),
                List.copyOf(facts.writers()),
                "",
                input.placement() == Placement.IN_PLACE ? facts.live().standbys() : List.of()));
    }

    private void refuse(FailureCode code, String message, String hint) {
        refusals.add(new RecoveryFailure(code, message, hint));
    }
}
