package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget.Immediate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which base backup a run goes on with when the one it had turns out damaged: the next older one that leads to the very
 * same place, by the facts that the plan was made from. Pure, as the plan is.
 */
final class CandidateLadder {

    private final PitrRecoveryInput input;
    private final RecoveryFacts facts;
    private final RecoveryPlan first;
    private final Map<String, String> putAside = new LinkedHashMap<>();
    private boolean exhausted;

    /** @param first what was decided, and approved where that is asked for */
    CandidateLadder(PitrRecoveryInput input, RecoveryFacts facts, RecoveryPlan first) {
        this.input = input;
        this.facts = facts;
        this.first = first;
    }

    /** Whoever insists on a base backup does not get another one. */
    boolean isInsistedOn() {
        return input.backup() != null;
    }

    /** A person was told that nothing is left to try. */
    boolean isExhausted() {
        return exhausted;
    }

    RecoveryPlan first() {
        return first;
    }

    /** The person says that something was mended: all that was put aside is a candidate again. */
    void fromTheTop() {
        exhausted = false;
        putAside.clear();
    }

    /**
     * Puts the backup of this plan aside.
     *
     * @return the plan to go on with: nothing but the base backup, and what follows from it, differs from the first one
     * @throws RecoveryFailure BACKUP_DAMAGED with every candidate and why it is none, when none is left
     */
    RecoveryPlan after(RecoveryPlan damaged, String why) {
        putAside.put(damaged.backup().id(), why);
        List<String> others = new ArrayList<>();
        for (BaseBackup candidate : older()) {
            PlannedRecovery planned = PitrRecoveryPlan.decide(insistingOn(candidate), facts);
            RecoveryPlan plan = planned.plan();
            if (plan != null && leadsToTheSame(plan)) {
                return plan;
            }
            others.add("%s: %s"
                    .formatted(
                            candidate.id(),
                            plan == null
                                    ? planned.refusals().get(0).getMessage()
                                    : "from it the recovery would not be the one that was planned"));
        }
        exhausted = true;
        throw nothingLeft(others);
    }

    /** What the report says of it. */
    Finding finding(RecoveryPlan damaged, RecoveryPlan next) {
        String approved = input.placement() == Placement.IN_PLACE
                ? "; target, timeline, directories and writers are those that were approved, the plan's digest is now "
                        + next.digest().substring(0, 12)
                : "";
        return new Finding(
                "high",
                "%s; it was put aside, and the recovery went on from base backup %s, consistent at %s, with %s to replay in place of %d%s"
                        .formatted(
                                putAside.getOrDefault(damaged.backup().id(), "base backup is damaged"),
                                next.backup().id(),
                                next.backup().endedAt(),
                                ReportWords.count(next.segments(), "segment", "segments"),
                                damaged.segments(),
                                approved),
                "if the bucket keeps versions, restore the earlier ones of what is named; else remove that base backup and take a new one: 'lifeboat start base-backup --cluster %s'"
                        .formatted(input.cluster()));
    }

    /** One that the plan could not take into account. */
    static Finding finding(UnusableBackup backup) {
        return new Finding(
                "high",
                "base backup %s was no candidate: %s".formatted(backup.id(), backup.why()),
                "if the bucket keeps versions, restore the earlier one; else remove that base backup");
    }

    /** The ids of those that would be taken, in that order, if one after the other turned out damaged. */
    List<String> inReserve() {
        return isInsistedOn()
                ? List.of()
                : older().stream()
                        .filter(each -> {
                            RecoveryPlan plan = PitrRecoveryPlan.decide(insistingOn(each), facts)
                                    .plan();
                            return plan != null && leadsToTheSame(plan);
                        })
                        .map(BaseBackup::id)
                        .toList();
    }

    /** Of 'immediate' the target is the end of the backup itself: from an older one it would be another state. */
    private List<BaseBackup> older() {
        if (input.target() instanceof Immediate) {
            return List.of();
        }
        return facts.backups().stream()
                .filter(each -> !putAside.containsKey(each.id()))
                .filter(each -> each.endLsn().isBefore(first.backup().endLsn()))
                // By position: the times in their manifests are of a clock that may have been wrong.
                .sorted(Comparator.comparing(BaseBackup::endLsn).reversed())
                .toList();
    }

    private PitrRecoveryInput insistingOn(BaseBackup candidate) {
        // 'current' was the timeline of the backup that was chosen first; from another one it would mean another way.
        boolean current = "current".equals(input.timeline());
        return new PitrRecoveryInput(
                input.request(),
                input.cluster(),
                input.target(),
                input.exclusive(),
                current ? Integer.toString(first.timeline()) : input.timeline(),
                candidate.id(),
                input.placement(),
                input.into(),
                input.port());
    }

    /** A person approved a state, a place and who stands still; where the bytes of that state come from is a means. */
    private boolean leadsToTheSame(RecoveryPlan plan) {
        boolean sameFolders = input.placement() == Placement.IN_PLACE
                ? plan.directories().equals(first.directories())
                : plan.directories().copy().equals(first.directories().copy());
        return plan.systemId().equals(first.systemId())
                && plan.timeline() == first.timeline()
                && Objects.equals(plan.stopLsn(), first.stopLsn())
                && Objects.equals(plan.lastCommitAt(), first.lastCommitAt())
                && Objects.equals(plan.nextCommitAt(), first.nextCommitAt())
                && plan.lastSegment().equals(first.lastSegment())
                && plan.writers().equals(first.writers())
                && sameFolders;
    }

    private RecoveryFailure nothingLeft(List<String> others) {
        List<String> reasons = new ArrayList<>(putAside.values());
        reasons.addAll(others);
        facts.unusable().forEach(each -> reasons.add(each.id() + ": " + each.why()));
        if (input.target() instanceof Immediate) {
            reasons.add("'immediate' means the end of this very base backup, so no other one reaches it");
        } else if (others.isEmpty() && facts.unusable().isEmpty()) {
            reasons.add("there is no older one");
        }
        return new RecoveryFailure(
                FailureCode.BACKUP_DAMAGED,
                "no base backup is left from which %s can be recovered to %s: %s"
                        .formatted(input.cluster(), input.target().asTyped(), String.join("; ", reasons)),
                "restore what is named in the bucket, then 'lifeboat retry' begins with base backup %s again; or abort, and start with another target or another --backup ('lifeboat backups %s' lists them)"
                        .formatted(first.backup().id(), input.cluster()));
    }
}
