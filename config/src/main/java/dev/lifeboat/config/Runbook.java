package dev.lifeboat.config;

import dev.lifeboat.workflows.domain.Objectives;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A catalogue entry: what is promised and what each step changes, in the words of {@code runbook.yaml}.
 *
 * @param workflow the Temporal workflow type
 * @param inputs   what it takes, each with its type
 * @param document the human runbook, {@code README.md}
 */
public record Runbook(
        String id,
        String title,
        String workflow,
        Objectives objectives,
        Map<String, String> inputs,
        List<Step> steps,
        Path document) {

    /**
     * @param changes   what it changes, {@code nothing} where it only looks
     * @param undo      how it is undone; empty where there is nothing to undo, or no way
     * @param approval  the name of the gate before it; empty without one
     * @param skippedIn where it is left out, for example {@code drill}
     */
    public record Step(
            String id,
            String touches,
            String changes,
            String undo,
            String check,
            String approval,
            List<String> skippedIn) {

        public boolean isPartOf(String placement) {
            return !skippedIn.contains(placement);
        }
    }
}
