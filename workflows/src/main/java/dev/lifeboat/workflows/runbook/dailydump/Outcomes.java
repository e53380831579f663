package dev.lifeboat.workflows.runbook.dailydump;

import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import java.util.List;
import java.util.stream.Collectors;

/** What a step came to that is made of several activities. */
final class Outcomes {

    private Outcomes() {}

    /** The attempts beyond the first ones are added up, so that a worker that was lost is counted once for each. */
    static StepOutcome together(List<StepOutcome> parts) {
        return new StepOutcome(
                parts.stream().map(StepOutcome::detail).collect(Collectors.joining("; ")),
                parts.stream().flatMap(part -> part.checks().stream()).toList(),
                parts.stream().flatMap(part -> part.findings().stream()).toList(),
                parts.stream().flatMap(part -> part.leftBehind().stream()).toList(),
                parts.stream()
                        .map(StepOutcome::worker)
                        .filter(worker -> !worker.isEmpty())
                        .reduce("", (earlier, later) -> later),
                1
                        + parts.stream()
                                .mapToInt(part -> Math.max(0, part.attempt() - 1))
                                .sum(),
                parts.stream().mapToLong(StepOutcome::tookMillis).sum(),
                parts.stream().mapToLong(StepOutcome::clockJumpMillis).sum(),
                false);
    }
}
