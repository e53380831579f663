package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.Progress;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an activity alive in Temporal's eyes while it waits for a process or a stream, and interrupts it when Temporal
 * no longer wants it: a cancelled run, an attempt that was given to another worker. To be closed by the activity.
 */
final class Heartbeater implements AutoCloseable, Watch {

    private static final long EVERY_MILLIS = 1_000;

    private final ActivityExecutionContext context;
    private final Thread activityThread = Thread.currentThread();
    private final AtomicReference<Progress> progress;
    private final AtomicReference<@Nullable ActivityCompletionException> ended = new AtomicReference<>();
    private final Thread beat;

    Heartbeater(ActivityExecutionContext context, Progress first) {
        this.context = context;
        this.progress = new AtomicReference<>(first);
        this.beat = new Thread(this::beat, "heartbeat");
        beat.setDaemon(true);
        beat.start();
    }

    @Override
    public void progress(Progress now) {
        Progress before = progress.getAndSet(now);
        if (!before.what().equals(now.what())) {
            Transcript.note(now.what());
        }
    }

    /** Ends the activity here when Temporal no longer wants it; to be called between pieces of work. */
    @Override
    public void check() {
        ActivityCompletionException seen = ended.get();
        if (seen != null) {
            throw seen;
        }
    }

    /** Stops beating. An interrupt that this object caused is taken back, so that it cannot hit the thread's next work. */
    @Override
    public void close() {
        beat.interrupt();
        try {
            beat.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (ended.get() != null) {
            Thread.interrupted();
        }
    }

    private void beat() {
        try {
            while (true) {
                context.heartbeat(progress.get());
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (ActivityCompletionException e) {
            ended.set(e);
            activityThread.interrupt();
        } catch (InterruptedException e) {
            // Closed by the activity.
        }
    }
}
