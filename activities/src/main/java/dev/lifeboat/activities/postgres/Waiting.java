package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for something that another process does. */
final class Waiting {

    private static final long LOOK_EVERY_MILLIS = 100;

    private Waiting() {}

    /**
     * Looks at once and then ten times a second.
     *
     * @return whether it came true within the limit
     * @throws RecoveryFailure COMMAND_FAILED when the thread is interrupted, which stays visible on the thread
     */
    static boolean until(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= end) {
                return false;
            }
            try {
                Thread.sleep(LOOK_EVERY_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RecoveryFailure(
                        FailureCode.COMMAND_FAILED,
                        "the wait was interrupted: the step is no longer wanted",
                        "retry",
                        e);
            }
        }
        return true;
    }
}
