package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.ClockStep;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.AtTime;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.runbook.pitrrecovery.StopChoice.Stop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a plan makes of clocks that jumped. PostgreSQL stops at the first transaction that ended after the time it was
 * told: where the clock had gone forward and came back, that lies hours before the moment that people mean.
 */
final class ClockCheck {

    private static final Duration SIDE_BY_SIDE = Duration.ofSeconds(1);
    private static final int NAMED = 3;

    private final PitrRecoveryInput input;
    private final RecoveryFacts facts;
    private final TimelinePath path;

    ClockCheck(PitrRecoveryInput input, RecoveryFacts facts, TimelinePath path) {
        this.input = input;
        this.facts = facts;
        this.path = path;
    }

    /** Only a backup that begins after the last return meets no passage of the time but the one it is to stop at. */
    Optional<RecoveryFailure> refusal(Stop stop, BaseBackup backup) {
        List<ClockStep> returns = path.onPath(facts.returns());
        Lsn lsn = stop.lsn();
        if (!(input.target() instanceof AtTime at) || returns.isEmpty() || lsn == null) {
            return Optional.empty();
        }
        ClockStep last = returns.get(returns.size() - 1);
        boolean notPassedSince = last.at().isAfter(lsn);
        if (!notPassedSince && last.at().isBefore(backup.startLsn())) {
            return Optional.empty();
        }
        return Optional.of(new RecoveryFailure(
                FailureCode.AMBIGUOUS_TIME,
                "cannot tell which moment of %s is meant by %s: its log passes that time at %s, and at %s the clock of the server went back from %s to %s%s"
                        .formatted(
                                input.cluster(),
                                at.asTyped(),
                                passages().stream()
                                        .map(each -> each.stopLsn().toString())
                                        .collect(Collectors.joining(" and at ")),
                                last.at(),
                                last.from(),
                                last.to(),
                                notPassedSince ? "; since then no commit after it is in the WAL" : ""),
                "say it by position: " + choices(notPassedSince)));
    }

    private List<TargetLocation> passages() {
        return facts.locations().stream()
                .filter(location -> path.holds(location, true))
                .sorted(Comparator.comparing(TargetLocation::stopLsn))
                .toList();
    }

    private String choices(boolean notPassedSince) {
        List<TargetLocation> passages = passages();
        List<String> choices = new ArrayList<>();
        // The newest are the ones that people can mean.
        for (TargetLocation each : passages.subList(Math.max(0, passages.size() - NAMED), passages.size())) {
            choices.add("'--target-lsn %s --exclusive' (%s)"
                    .formatted(
                            each.stopLsn(),
                            each.lastCommitAt() == null
                                    ? "nothing is known of what is in"
                                    : "the last commit in it says " + each.lastCommitAt()));
        }
        if (notPassedSince) {
            choices.add("'--target latest' (all there is)");
        }
        return String.join(", or ", choices);
    }

    /** What does not stop a recovery, and makes the times in its report say less than they seem to. */
    static List<Finding> findings(PitrRecoveryInput input, RecoveryFacts facts, RecoveryPlan plan) {
        List<Finding> findings = new ArrayList<>();
        List<ClockStep> returns = onWay(facts.returns(), facts, plan);
        if (!returns.isEmpty()) {
            ClockStep last = returns.get(returns.size() - 1);
            findings.add(new Finding(
                    "medium",
                    "the log passes %s more than once: before base backup %s, at %s, the clock of the server went back from %s to %s. The recovery goes to the last passage, at %s"
                            .formatted(
                                    input.target().asTyped(),
                                    plan.backup().id(),
                                    last.at(),
                                    last.from(),
                                    last.to(),
                                    plan.stopLsn()),
                    "if the earlier one was meant, say its position with '--target-lsn'"));
        }
        replayed(facts, plan).stream()
                .map(
                        step -> new Finding(
                                "medium",
                                "the clock of the server went back by %s, from %s to %s, at about %s of timeline %d; times before and after that cannot be compared, so a loss of data was not measured by them"
                                        .formatted(
                                                ReportWords.duration(Duration.between(step.to(), step.from())),
                                                step.from(),
                                                step.to(),
                                                step.at(),
                                                step.timeline()),
                                "see why the clock of the database's host jumps (chronyc tracking, timedatectl); name positions or restore points, not times, of that part"))
                .limit(NAMED)
                .forEach(findings::add);
        ofTheBackup(facts, plan).ifPresent(findings::add);
        return List.copyOf(findings);
    }

    /** Whether spans between times of commits mean anything in this recovery. */
    static boolean timesCompare(RecoveryFacts facts, RecoveryPlan plan) {
        return replayed(facts, plan).isEmpty();
    }

    /** From the backup on, to the end of the log: what was given up lies there. */
    private static List<ClockStep> replayed(RecoveryFacts facts, RecoveryPlan plan) {
        Lsn begin = facts.segmentSize()
                .startOf(facts.segmentSize()
                        .segmentAt(plan.backup().timeline(), plan.backup().startLsn()));
        return onWay(facts.clockSteps(), facts, plan).stream()
                .filter(step -> !step.at().isBefore(begin))
                .toList();
    }

    private static List<ClockStep> onWay(List<ClockStep> steps, RecoveryFacts facts, RecoveryPlan plan) {
        @Nullable TimelineHistory history = facts.timelines().stream()
                .filter(each -> each.timeline() == plan.timeline())
                .map(TimelineFacts::history)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        return steps.stream()
                .filter(step -> (history == null ? plan.timeline() : history.timelineAt(step.at())) == step.timeline())
                .sorted(Comparator.comparing(ClockStep::at))
                .toList();
    }

    /** Its place in the log is before the stop, and its own clock said otherwise. */
    private static Optional<Finding> ofTheBackup(RecoveryFacts facts, RecoveryPlan plan) {
        Instant ended = plan.backup().endedAt();
        @Nullable Instant next = plan.nextCommitAt();
        String what = null;
        if (isAfter(ended, next)) {
            what = "a commit that follows it in the log says " + Objects.requireNonNull(next);
        } else if (isAfter(ended, facts.readAt())) {
            what = "when the plan was made the clock said " + facts.readAt();
        }
        return Optional.ofNullable(what)
                .map(fact -> new Finding(
                        "medium",
                        "base backup %s says that it ended at %s, and %s: a clock was wrong. It was judged by its position (%s)"
                                .formatted(
                                        plan.backup().id(),
                                        ended,
                                        fact,
                                        plan.backup().endLsn()),
                        "compare the clocks of this host and of the database's host, and take a new base backup"));
    }

    private static boolean isAfter(Instant time, @Nullable Instant other) {
        return other != null && time.isAfter(other.plus(SIDE_BY_SIDE));
    }
}
