package dev.lifeboat.worker;

import dev.lifeboat.activities.store.StepTranscripts;
import dev.lifeboat.workflows.contract.StepCall;
import dev.lifeboat.workflows.contract.postgres.Outcome;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import io.temporal.client.ActivityCompletionException;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Names run and step on every log line of an activity, says in one line how it ended, and measures it. */
final class StepContextInterceptor extends WorkerInterceptorBase {

    private static final Logger log = LoggerFactory.getLogger(StepContextInterceptor.class);

    private final MeterRegistry registry;
    private final Optional<StepTranscripts> transcripts;

    /** @param transcripts empty for a worker without a bucket, which serves no step */
    StepContextInterceptor(MeterRegistry registry, Optional<StepTranscripts> transcripts) {
        this.registry = registry;
        this.transcripts = transcripts;
    }

    @Override
    public ActivityInboundCallsInterceptor interceptActivity(ActivityInboundCallsInterceptor next) {
        return new Inbound(next, registry, transcripts);
    }

    /** {@code PostgresRecoveryReplayWal} becomes {@code replay-wal}. */
    static String step(String activityType) {
        String verb = activityType.replaceFirst(
                "^(PostgresRecovery|PostgresBackup|PostgresCatalog|PostgresDoctor|PostgresRetention|ObjectStore|Lease|Evidence)",
                "");
        return kebab(verb);
    }

    /** {@code PitrRecovery} becomes {@code pitr-recovery}, as in the catalogue. */
    static String runbook(String workflowType) {
        return kebab(workflowType);
    }

    private static String kebab(String camel) {
        return camel.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    private static final class Inbound extends ActivityInboundCallsInterceptorBase {

        private final MeterRegistry registry;
        private final Optional<StepTranscripts> transcripts;
        private @Nullable ActivityInfo info;

        Inbound(ActivityInboundCallsInterceptor next, MeterRegistry registry, Optional<StepTranscripts> transcripts) {
            super(next);
            this.registry = registry;
            this.transcripts = transcripts;
        }

        @Override
        public void init(ActivityExecutionContext context) {
            info = context.getInfo();
            super.init(context);
        }

        @Override
        public ActivityOutput execute(ActivityInput input) {
            ActivityInfo activity = info;
            if (activity == null) {
                return super.execute(input);
            }
            String step = step(activity.getActivityType());
            MDC.put("run", activity.getWorkflowId());
            MDC.put("runId", activity.getWorkflowRunId());
            MDC.put("step", step);
            String runbook = runbook(activity.getWorkflowType());
            if (activity.getAttempt() > 1) {
                registry.counter("lifeboat.step.retries", "runbook", runbook, "step", step)
                        .increment();
            }
            Timer.Sample sample = Timer.start(registry);
            String outcome = "failed";
            try {
                ClockWatch clock = new ClockWatch();
                ActivityOutput output = kept(input, activity);
                outcome = "done";
                return output.getResult() instanceof Outcome<?> answer
                        ? new ActivityOutput(clock.noted(answer))
                        : output;
            } catch (ActivityCompletionException e) {
                outcome = "interrupted";
                log.info("attempt {} was ended by Temporal or by the end of this worker", activity.getAttempt());
                throw e;
            } catch (RecoveryFailure e) {
                log.warn("attempt {} failed: {} {}", activity.getAttempt(), e.code(), e.getMessage());
                throw e;
            } finally {
                sample.stop(
                        registry.timer("lifeboat.step.duration", "runbook", runbook, "step", step, "outcome", outcome));
                MDC.remove("run");
                MDC.remove("runId");
                MDC.remove("step");
            }
        }

        /** Where the activity is part of a run, what it says is kept for the run's evidence. */
        private ActivityOutput kept(ActivityInput input, ActivityInfo activity) {
            Optional<StepCall> call = StepCall.from(input.getHeader());
            if (call.isEmpty() || transcripts.isEmpty()) {
                return super.execute(input);
            }
            StepTranscripts.Attempt attempt = new StepTranscripts.Attempt(
                    activity.getWorkflowId(),
                    activity.getWorkflowRunId(),
                    call.get(),
                    activity.getAttempt(),
                    activity.getActivityType());
            try (StepTranscripts.Writing writing = transcripts.get().begin(attempt)) {
                StepEnding ending = new StepEnding(writing.transcript());
                try {
                    ActivityOutput output = super.execute(input);
                    ending.done(output.getResult());
                    return output;
                } catch (RuntimeException e) {
                    ending.failed(e);
                    throw e;
                }
            }
        }
    }
}
