package dev.lifeboat.worker;

import dev.lifeboat.workflows.runbook.schedule.ScheduledStart;
import io.micrometer.core.instrument.MeterRegistry;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptor;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptorBase;
import io.temporal.workflow.unsafe.WorkflowUnsafe;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says and counts what came of each start by a schedule: one that was skipped leaves no run to look at. */
final class ScheduledStartInterceptor extends WorkerInterceptorBase {

    private static final Logger log = LoggerFactory.getLogger(ScheduledStartInterceptor.class);

    private final MeterRegistry registry;

    ScheduledStartInterceptor(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public WorkflowInboundCallsInterceptor interceptWorkflow(WorkflowInboundCallsInterceptor next) {
        return new WorkflowInboundCallsInterceptorBase(next) {
            @Override
            public WorkflowOutput execute(WorkflowInput input) {
                WorkflowOutput output = super.execute(input);
                if (output.getResult() instanceof ScheduledStart start && !WorkflowUnsafe.isReplaying()) {
                    count(start);
                }
                return output;
            }
        };
    }

    private void count(ScheduledStart start) {
        if (start.started()) {
            log.info("{} was started by its schedule as run {}", start.run(), start.runId());
        } else {
            log.warn("{} was not started by its schedule: {}", start.run(), start.why());
        }
        registry.counter(
                        "lifeboat.scheduled.starts",
                        "runbook",
                        start.runbook(),
                        "outcome",
                        start.started() ? "started" : "skipped")
                .increment();
    }
}
