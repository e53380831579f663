package dev.lifeboat.workflows.contract.writers;

import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.Fence;
import io.temporal.activity.ActivityInterface;
import java.util.List;

/**
 * Who writes to a database is stopped before it is replaced, and started after it. By which means, the worker knows: today by
 * the commands that the configuration names.
 */
@ActivityInterface(namePrefix = "Writer")
public interface WriterActivities {

    /** Writes down which of them run, stops them, and proves it. A second call keeps what the first one found. */
    StepOutcome stopWriters(WriterOrder order);

    /** Starts those that were found running, and no others. */
    StepOutcome startWriters(WriterOrder order);

    /** @param writers by name, as planned */
    record WriterOrder(String cluster, Fence fence, List<String> writers) {}
}
