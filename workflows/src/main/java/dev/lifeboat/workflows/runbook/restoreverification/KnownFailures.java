package dev.lifeboat.workflows.runbook.restoreverification;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.SeenToFail;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.runbook.StepId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The checks of this run, by step, each with when it last failed on purpose. */
final class KnownFailures {

    private final Map<StepId, List<Check>> checks = new LinkedHashMap<>();
    private Map<String, SeenToFail> known = Map.of();

    void know(Map<String, SeenToFail> seenToFail) {
        known = Map.copyOf(seenToFail);
    }

    StepOutcome told(StepId step, StepOutcome outcome) {
        checks.put(step, outcome.checks());
        return outcome.withChecks(told(step));
    }

    List<Check> told(StepId step) {
        return checks.getOrDefault(step, List.of()).stream()
                .map(check -> check.withSeenToFail(known.getOrDefault(check.name(), SeenToFail.NEVER)))
                .toList();
    }

    Set<StepId> steps() {
        return checks.keySet();
    }

    /** What damaged copies showed is about checks and not one of them. */
    void add(StepId step, StepOutcome outcome) {
        checks.put(step, outcome.checks());
    }

    int green() {
        return (int)
                all().stream().filter(check -> check.verdict() == Verdict.PASS).count();
    }

    boolean anyRed() {
        return all().stream().anyMatch(check -> check.verdict() == Verdict.FAIL);
    }

    private List<Check> all() {
        List<Check> all = new ArrayList<>();
        checks.values().forEach(all::addAll);
        return all;
    }
}
