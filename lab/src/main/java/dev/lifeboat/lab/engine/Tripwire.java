package dev.lifeboat.lab.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Runs an action once, at a chosen byte of what passes through a {@link FaultyProxy}: no later byte of that connection
 * passes before the action has ended.
 */
final class Tripwire {

    /** What is counted, over all connections together. */
    enum Counts {
        /** Bytes that the client sends, heads of requests included. */
        SENT,
        /** Bytes that the server answers, heads of answers included. */
        ANSWERED,
        /** Requests, when they begin. */
        REQUESTS
    }

    private final Counts counts;
    private final Predicate<String> requestLine;
    private final long at;
    private final Runnable action;
    private final AtomicLong passed = new AtomicLong();
    private final CompletableFuture<Void> tripped = new CompletableFuture<>();

    Tripwire(Counts counts, Predicate<String> requestLine, long at, Runnable action) {
        this.counts = counts;
        this.requestLine = requestLine;
        this.at = at;
        this.action = action;
    }

    /** @return how many of these may pass before the action is to be run now; -1 when it is not to be run */
    int room(Counts what, String line, int count) {
        if (what != counts || !requestLine.test(line)) {
            return -1;
        }
        long before = passed.getAndAdd(count);
        return before < at && before + count >= at ? (int) (at - before) : -1;
    }

    void trip() {
        try {
            action.run();
            tripped.complete(null);
        } catch (RuntimeException | Error e) {
            tripped.completeExceptionally(e);
            throw e;
        }
    }

    CompletableFuture<Void> tripped() {
        return tripped;
    }
}
