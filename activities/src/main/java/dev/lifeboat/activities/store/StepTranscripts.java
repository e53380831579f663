package dev.lifeboat.activities.store;

import dev.lifeboat.workflows.contract.StepCall;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the transcripts of this process's attempts into the evidence folders of their runs: one object for each attempt,
 * begun soon after the attempt, written again every few seconds while it grows, so that a killed one leaves what it had
 * said. A bucket that is away delays a log and nothing else: no step fails or waits for its log.
 */
public final class StepTranscripts implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StepTranscripts.class);

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration REWRITE_EVERY = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration AT_THE_END = Duration.ofSeconds(5);
    private static final int MOST_LATE = 200;

    private final ObjectStore store;
    private final String workerName;
    private final Supplier<? extends Collection<String>> secrets;
    private final Set<Writing> open = ConcurrentHashMap.newKeySet();
    /** Only touched by the one thread of {@link #writer}. */
    private final Deque<Writing> late = new ArrayDeque<>();

    private final ScheduledExecutorService writer;

    /** @param secrets asked at the begin of each attempt; none of them is ever written */
    public StepTranscripts(ObjectStore store, String workerName, Supplier<? extends Collection<String>> secrets) {
        this.store = store;
        this.workerName = workerName;
        this.secrets = secrets;
        this.writer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "step-logs");
            thread.setDaemon(true);
            return thread;
        });
        writer.scheduleWithFixedDelay(this::look, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** @param activity the name of what is called, for people */
    public record Attempt(String run, String runId, StepCall call, int number, String activity) {

        String folder() {
            return BucketLayout.evidence(run, call.runStartedAt(), runId);
        }

        String key() {
            return folder() + call.logName(number);
        }
    }

    /** Begins a log and makes it that of this thread, until it is closed. */
    public Writing begin(Attempt attempt) {
        Transcript transcript = new Transcript(new Masks(secrets.get()), Clock.systemUTC());
        transcript.head("# %s of %s@%s".formatted(attempt.call().step(), attempt.run(), attempt.runId()));
        transcript.head("# call %d, %s, attempt %d, by %s"
                .formatted(attempt.call().number(), attempt.activity(), attempt.number(), workerName));
        transcript.head("# times are UTC; secrets are shown as " + Masks.MASK);
        transcript.say("begins");
        transcript.makeCurrent();
        Writing writing = new Writing(attempt, transcript);
        open.add(writing);
        return writing;
    }

    /** One attempt while it goes on. */
    public final class Writing implements AutoCloseable {

        private final Attempt attempt;
        private final Transcript transcript;
        private long writtenAt =
                System.nanoTime() - REWRITE_EVERY.minus(LOOK_EVERY).toNanos();
        private long written;

        private Writing(Attempt attempt, Transcript transcript) {
            this.attempt = attempt;
            this.transcript = transcript;
        }

        public Transcript transcript() {
            return transcript;
        }

        /** Waits a moment for the bucket, so that a report that follows finds the log; then leaves it to the background. */
        @Override
        public void close() {
            Transcript.clearCurrent();
            open.remove(this);
            try {
                Future<?> last = writer.submit(() -> writeLast(this));
                last.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (TimeoutException | RejectedExecutionException e) {
                log.debug("the log {} comes later", attempt.key());
            } catch (ExecutionException e) {
                log.warn("cannot write the log {}", attempt.key(), e.getCause());
            }
        }

        private boolean isDue() {
            return transcript.changes() != written && System.nanoTime() - writtenAt >= REWRITE_EVERY.toNanos();
        }
    }

    private void look() {
        try {
            writeLate();
            for (Writing writing : open) {
                if (writing.isDue()) {
                    write(writing);
                }
            }
        } catch (RuntimeException e) {
            log.warn("step logs cannot be written now", e);
        }
    }

    private void writeLast(Writing writing) {
        if (!write(writing)) {
            late.addLast(writing);
            if (late.size() > MOST_LATE) {
                log.warn(
                        "the log {} is given up: the bucket is away for too long",
                        late.removeFirst().attempt.key());
            }
        }
    }

    private void writeLate() {
        while (!late.isEmpty() && write(late.getFirst())) {
            late.removeFirst();
        }
    }

    /** @return false when the bucket is away */
    private boolean write(Writing writing) {
        Attempt attempt = writing.attempt;
        try {
            // What the sums of a finished report name must not change any more.
            if (store.head(attempt.folder() + BucketLayout.EVIDENCE_SUMS).isPresent()) {
                log.warn("the log {} is dropped: the report of its run is written already", attempt.key());
                writing.written = writing.transcript.changes();
                return true;
            }
            long changes = writing.transcript.changes();
            store.put(attempt.key(), writing.transcript.text().getBytes(StandardCharsets.UTF_8));
            writing.written = changes;
            return true;
        } catch (RecoveryFailure e) {
            log.debug("the log {} cannot be written yet: {}", attempt.key(), e.getMessage());
            return false;
        } finally {
            writing.writtenAt = System.nanoTime();
        }
    }

    /** Gives what could not be written yet a last chance. */
    @Override
    public void close() {
        try {
            writer.submit(this::writeLate);
            writer.shutdown();
            if (!writer.awaitTermination(AT_THE_END.toMillis(), TimeUnit.MILLISECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
