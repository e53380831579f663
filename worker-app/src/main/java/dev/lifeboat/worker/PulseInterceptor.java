package dev.lifeboat.worker;

import io.temporal.activity.ActivityExecutionContext;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Heartbeats for the activities that write or read a few objects and do not heartbeat by themselves: a slow bucket may
 * keep them for a minute, and a worker that is killed meanwhile is still noticed within seconds. How long one may take is
 * limited by its own timeout.
 */
final class PulseInterceptor extends WorkerInterceptorBase {

    private static final long EVERY_MILLIS = 1_000;

    /** The others report their progress with each heartbeat, which this one would wipe out. */
    private static final List<String> QUIET =
            List.of("Lease", "Evidence", "ObjectStore", "PostgresCatalog", "PostgresDoctor", "PostgresBackupCheck");

    private final ScheduledExecutorService pulses = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "pulse");
        thread.setDaemon(true);
        return thread;
    });

    static boolean isQuiet(String activityType) {
        return QUIET.stream().anyMatch(activityType::startsWith);
    }

    @Override
    public ActivityInboundCallsInterceptor interceptActivity(ActivityInboundCallsInterceptor next) {
        return new Inbound(next, pulses);
    }

    private static final class Inbound extends ActivityInboundCallsInterceptorBase {

        private final ScheduledExecutorService pulses;
        private @Nullable ActivityExecutionContext context;

        Inbound(ActivityInboundCallsInterceptor next, ScheduledExecutorService pulses) {
            super(next);
            this.pulses = pulses;
        }

        @Override
        public void init(ActivityExecutionContext context) {
            this.context = context;
            super.init(context);
        }

        @Override
        public ActivityOutput execute(ActivityInput input) {
            ActivityExecutionContext running = context;
            if (running == null || !isQuiet(running.getInfo().getActivityType())) {
                return super.execute(input);
            }
            // Ends by its own exception when nobody waits for the activity any more: that is over in a moment then.
            ScheduledFuture<?> pulse = pulses.scheduleAtFixedRate(
                    () -> running.heartbeat(null), EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
            try {
                return super.execute(input);
            } finally {
                pulse.cancel(false);
            }
        }
    }
}
