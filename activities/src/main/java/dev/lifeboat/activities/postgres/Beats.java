package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import io.temporal.activity.Activity;
import java.io.IOException;

/** Keeps an activity alive in Temporal's eyes while it works. */
final class Beats {

    private Beats() {}

    interface Work<T> {
        T with(Watch watch) throws InterruptedException, IOException;
    }

    /** @param what is done, for people: {@code loading the dump} */
    static <T> T during(String what, String unit, Work<T> work) {
        try (Heartbeater heartbeater =
                new Heartbeater(Activity.getExecutionContext(), new Progress(what, 0, 0, unit))) {
            try {
                return work.with(heartbeater);
            } catch (InterruptedException | IOException | RuntimeException e) {
                // When Temporal no longer wants this attempt, what broke because of that is not the news.
                heartbeater.check();
                if (e instanceof RuntimeException runtime) {
                    throw runtime;
                }
                if (e instanceof IOException io) {
                    throw FileTrees.failed("go on with " + what, io);
                }
                Thread.currentThread().interrupt();
                throw new RecoveryFailure(
                        FailureCode.COMMAND_FAILED,
                        what + " was interrupted: this worker ends",
                        "it is tried again",
                        e);
            }
        }
    }
}
