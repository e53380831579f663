package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Duration;

/** A watch that no longer wants the work after a while. */
final class Deadline implements Watch {

    private final Watch watch;
    private final String what;
    private final Duration limit;
    private final String hint;
    private final long begun = System.nanoTime();

    /**
     * @param what for example {@code the dump of shop}
     * @param hint what to do about it
     */
    Deadline(Watch watch, String what, Duration limit, String hint) {
        this.watch = watch;
        this.what = what;
        this.limit = limit;
        this.hint = hint;
    }

    @Override
    public void progress(Progress now) {
        watch.progress(now);
    }

    @Override
    public void check() {
        watch.check();
        if (Duration.ofNanos(System.nanoTime() - begun).compareTo(limit) > 0) {
            throw new RecoveryFailure(
                    FailureCode.TOOK_TOO_LONG, "%s was still going on after %s".formatted(what, limit), hint);
        }
    }
}
