package dev.lifeboat.activities.objectstore;

import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The few threads that send parts, shared by all uploads of a store, so that however many uploads are open the memory
 * for parts on their way is bounded.
 */
final class PartSender implements AutoCloseable {

    static final int IN_FLIGHT = 4;

    private final Semaphore room = new Semaphore(IN_FLIGHT);
    private final AtomicInteger threads = new AtomicInteger();
    private final ExecutorService executor = Executors.newFixedThreadPool(IN_FLIGHT, work -> {
        Thread thread = new Thread(work, "s3-part-" + threads.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    });

    /** Waits until there is room for one more part. */
    <T> CompletableFuture<T> send(Supplier<T> part, StoreFailures failures, String address) throws RecoveryFailure {
        try {
            room.acquire();
        } catch (InterruptedException e) {
            throw failures.interrupted("write " + address, e);
        }
        try {
            return CompletableFuture.supplyAsync(part, executor).whenComplete((done, failed) -> room.release());
        } catch (RuntimeException e) {
            room.release();
            throw e;
        }
    }

    /** Parts on their way end by themselves, when their client is closed at the latest; somebody may wait for them. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
