package dev.lifeboat.cli;

import dev.lifeboat.workflows.runbook.RunStatus;
import org.jspecify.annotations.Nullable;

/** How a run is shown while it goes on. */
interface RunView {

    void show(RunStatus status, RunHead.@Nullable ActivityHead activity);

    /** A line that stays. */
    void note(String line);

    /** Leaves the last picture standing. */
    void close();
}
