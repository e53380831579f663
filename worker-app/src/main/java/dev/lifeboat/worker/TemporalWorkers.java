package dev.lifeboat.worker;

import dev.lifeboat.workflows.runbook.FailureTranslator;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Serves the task queues of this process from its start to its end. Temporal may be away at the start: it is waited for,
 * and said once. At the end no new work is taken, what runs learns of it at its next heartbeat, and what has not ended
 * then is interrupted; another worker goes on with it.
 */
final class TemporalWorkers implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(TemporalWorkers.class);

    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final Duration DRAIN = Duration.ofSeconds(20);
    private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(5);

    private final WorkflowClient client;
    private final Roles roles;
    private final MeterRegistry registry;
    private final Runnable registerSearchAttributes;
    private final CountDownLatch stopping = new CountDownLatch(1);

    private volatile boolean running;
    private volatile String temporal = "not asked yet";
    private @Nullable WorkerFactory factory;
    private @Nullable Thread watcher;

    TemporalWorkers(WorkflowClient client, Roles roles, MeterRegistry registry, Runnable registerSearchAttributes) {
        this.client = client;
        this.roles = roles;
        this.registry = registry;
        this.registerSearchAttributes = registerSearchAttributes;
    }

    @Override
    public void start() {
        running = true;
        roles.start();
        Thread thread = new Thread(this::watch, "temporal");
        thread.start();
        watcher = thread;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Empty while Temporal answers and the queues are served; else why not. */
    String problem() {
        return temporal;
    }

    @Override
    public void stop() {
        log.info("ending: no new work is taken, what runs is told to stop");
        stopping.countDown();
        try {
            Thread thread = watcher;
            if (thread != null) {
                thread.join(10_000);
            }
            drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            roles.close();
            client.getWorkflowServiceStubs().shutdownNow();
            running = false;
        }
    }

    private synchronized void drain() {
        WorkerFactory current = factory;
        if (current == null) {
            return;
        }
        current.shutdown();
        current.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
        if (!current.isTerminated()) {
            current.shutdownNow();
            current.awaitTermination(AFTER_INTERRUPT.toMillis(), TimeUnit.MILLISECONDS);
        }
        log.info("ended: {}", current.isTerminated() ? "nothing was running any more" : "some work was cut off");
    }

    private void watch() {
        try {
            do {
                look();
            } while (!stopping.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        String now = ask();
        if (now.isEmpty() && factory == null) {
            now = serve();
        }
        if (!now.equals(temporal)) {
            // First, so that who has read the line finds the health of this process in agreement with it.
            temporal = now;
            if (now.isEmpty()) {
                log.info(
                        "serving {} of namespace {}",
                        roles.queues().stream().map(Roles.Queue::name).toList(),
                        client.getOptions().getNamespace());
            } else {
                log.warn("waiting for Temporal: {}", now);
            }
        }
    }

    private String ask() {
        try {
            client.getWorkflowServiceStubs()
                    .blockingStub()
                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                    .describeNamespace(DescribeNamespaceRequest.newBuilder()
                            .setNamespace(client.getOptions().getNamespace())
                            .build());
            return "";
        } catch (StatusRuntimeException e) {
            Status.Code code = e.getStatus().getCode();
            String address = client.getWorkflowServiceStubs().getOptions().getTarget();
            return switch (code) {
                // The in-memory test server has every namespace and cannot describe any.
                case UNIMPLEMENTED -> "";
                case NOT_FOUND -> "it has no namespace " + client.getOptions().getNamespace();
                case UNAVAILABLE, DEADLINE_EXCEEDED -> "nobody answers at " + address;
                default -> "it answers " + code + " at " + address;
            };
        }
    }

    private synchronized String serve() {
        if (stopping.getCount() == 0) {
            return "this worker is ending";
        }
        WorkerFactory made = null;
        try {
            registerSearchAttributes.run();
            made = newFactory();
            made.start();
            factory = made;
            return "";
        } catch (RuntimeException e) {
            if (made != null) {
                made.shutdownNow();
            }
            log.debug("the queues cannot be served yet", e);
            return "the queues cannot be served yet: " + e.getMessage();
        }
    }

    private WorkerFactory newFactory() {
        WorkerFactory made = WorkerFactory.newInstance(
                client,
                WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(
                                new PulseInterceptor(),
                                new StepContextInterceptor(registry, roles.transcripts()),
                                new ScheduledStartInterceptor(registry),
                                new FailureTranslator())
                        .build());
        for (Roles.Queue queue : roles.queues()) {
            Worker worker = made.newWorker(queue.name(), options());
            worker.registerWorkflowImplementationTypes(queue.workflows().toArray(Class<?>[]::new));
            worker.registerActivitiesImplementations(queue.activities().toArray());
        }
        return made;
    }

    private static WorkerOptions options() {
        return WorkerOptions.newBuilder()
                .setMaxConcurrentActivityExecutionSize(16)
                .setMaxConcurrentWorkflowTaskExecutionSize(16)
                // Progress that people watch is at most this old.
                .setMaxHeartbeatThrottleInterval(Duration.ofSeconds(1))
                .setDefaultHeartbeatThrottleInterval(Duration.ofSeconds(1))
                // A killed worker's runs are given to another after this long.
                .setStickyQueueScheduleToStartTimeout(Duration.ofSeconds(2))
                // A database host under recovery is busy; only a workflow that really blocks is to be found.
                .setDefaultDeadlockDetectionTimeout(10_000)
                .build();
    }
}
