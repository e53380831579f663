package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.DatabaseFactsReader.Begun;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Counts the rows of a snapshot while something else goes on. When it is closed, nobody counts any more. */
final class FactsBeside implements AutoCloseable {

    private final DumpFailure failure;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, "count-beside");
        made.setDaemon(true);
        return made;
    });
    private final Future<DatabaseFacts> facts;

    FactsBeside(Begun begun, DumpFailure failure) {
        this.failure = failure;
        this.facts = thread.submit(begun::count);
    }

    /** A dump whose rows cannot be counted need not go on to its end. */
    void failIfFailed() throws InterruptedException {
        if (facts.isDone()) {
            get();
        }
    }

    DatabaseFacts await(Watch watch) throws InterruptedException {
        while (true) {
            watch.check();
            try {
                return get(200);
            } catch (TimeoutException e) {
                // Not yet.
            }
        }
    }

    private DatabaseFacts get() throws InterruptedException {
        try {
            return get(0);
        } catch (TimeoutException e) {
            throw new IllegalStateException("a finished task is not finished", e);
        }
    }

    private DatabaseFacts get(long millis) throws InterruptedException, TimeoutException {
        try {
            return facts.get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException known) {
                throw failure.of(known);
            }
            if (e.getCause() instanceof RuntimeException runtime) {
                throw runtime;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        boolean interrupted = false;
        while (!thread.isTerminated()) {
            try {
                thread.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
