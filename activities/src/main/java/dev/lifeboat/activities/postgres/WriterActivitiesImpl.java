package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.contract.writers.WriterActivities;

/** Keeps the stopping and starting of writers alive in Temporal's eyes, and lets others do it. */
record WriterActivitiesImpl(WriterActivities writers) implements WriterActivities {

    @Override
    public StepOutcome stopWriters(WriterOrder order) {
        return Beats.during("stopping the writers", "steps", watch -> writers.stopWriters(order));
    }

    @Override
    public StepOutcome startWriters(WriterOrder order) {
        return Beats.during("starting the writers", "steps", watch -> writers.startWriters(order));
    }
}
