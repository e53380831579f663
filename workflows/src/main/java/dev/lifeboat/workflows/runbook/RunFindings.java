package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What the steps saw. A step that is done again replaces what it said before. */
final class RunFindings {

    private final Map<String, StepOutcome> byStep = new LinkedHashMap<>();
    private final List<Finding> ownFindings = new ArrayList<>();
    private final List<LeftBehind> ownLeftBehind = new ArrayList<>();
    private final Set<String> workers = new LinkedHashSet<>();
    private String lastWorker = "";
    private int resumes;

    void add(StepId step, StepOutcome outcome) {
        byStep.put(step.id(), outcome);
        if (outcome.worker().isEmpty()) {
            return;
        }
        boolean first = lastWorker.isEmpty();
        if (first) {
            resumes += Math.max(0, outcome.attempt() - 1);
        } else if (!lastWorker.equals(outcome.worker())) {
            // The worker was lost in this step, once for each attempt, or between two steps.
            resumes += Math.max(1, outcome.attempt() - 1);
        }
        lastWorker = outcome.worker();
        workers.add(outcome.worker());
    }

    void add(Finding finding) {
        ownFindings.add(finding);
    }

    void add(LeftBehind left) {
        ownLeftBehind.add(left);
    }

    /** What was checked in a step that is over is told in other words. */
    void restate(StepId step, List<Check> checks) {
        byStep.computeIfPresent(step.id(), (id, outcome) -> outcome.withChecks(checks));
    }

    /** What a step left is gone again. */
    void undone(StepId step) {
        StepOutcome outcome = byStep.get(step.id());
        if (outcome != null) {
            byStep.put(step.id(), outcome.withLeftBehind(List.of()));
        }
    }

    List<Check> checks() {
        return byStep.values().stream()
                .flatMap(outcome -> outcome.checks().stream())
                .toList();
    }

    List<Finding> findings() {
        return Stream.concat(
                        byStep.values().stream().flatMap(outcome -> outcome.findings().stream()), ownFindings.stream())
                .toList();
    }

    List<LeftBehind> leftBehind() {
        return Stream.concat(
                        byStep.values().stream().flatMap(outcome -> outcome.leftBehind().stream()),
                        ownLeftBehind.stream())
                .toList();
    }

    List<String> workers() {
        return List.copyOf(workers);
    }

    int resumes() {
        return resumes;
    }
}
