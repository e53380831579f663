package dev.lifeboat.cli;

import dev.lifeboat.config.Runbook;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RunMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run that is about to be planned or started; judged from words and configuration alone.
 *
 * @param name      the run's, which is its workflow id
 * @param placement null for a runbook that recovers nothing
 * @param input     what the workflow takes
 */
record RunOrder(
        Runbook runbook,
        String name,
        RunMode mode,
        String cluster,
        @Nullable Placement placement,
        Objectives objectives,
        Object input) {

    /** The steps that this run takes, others being skipped by its placement. */
    List<Runbook.Step> steps() {
        return placement == null
                ? runbook.steps()
                : runbook.steps().stream()
                        .filter(step -> step.isPartOf(placement.toString()))
                        .toList();
    }
}
