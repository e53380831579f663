package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "start", description = "Starts a run and follows it; Ctrl-C leaves it running.")
final class StartCommand implements Callable<Integer> {

    private final Tool tool;

    @Parameters(paramLabel = "RUNBOOK")
    private String runbook = "";

    @Mixin
    private final InputOptions inputs = new InputOptions();

    @Mixin
    private final StartOptions options = new StartOptions();

    StartCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        Duration limit = options.limit();
        RunOrder order = new Inputs(tool, inputs, options).order(runbook);
        refuseSecond(order);
        Planner.Planned plan = new Planner(tool).plan(order);
        new PlanText(order, tool.surroundings()).lines(plan).forEach(tool::say);
        RunHead run = start(order);
        if (options.detach()) {
            tool.print(
                    Map.of("run", run.name(), "runId", run.runId()),
                    List.of("started   " + run.name() + "@" + run.runId()));
            tool.say("follow it with 'lifeboat watch " + run.name() + "'");
            return ExitCode.DONE.number();
        }
        tool.say("");
        tool.say("started   " + run.name() + "   " + order.mode() + "   promise: " + Words.promise(order.objectives()));
        RunReport report = new Follower(tool, options.yes()).follow(run, limit);
        Reports.print(tool, report);
        return report.exitCode();
    }

    /** Told before the facts are read, which takes longer. */
    private void refuseSecond(RunOrder order) {
        tool.gateway()
                .head(new RunRef(order.name(), null))
                .filter(RunHead::isOpen)
                .ifPresent(open -> {
                    throw held(order, open);
                });
    }

    private RunHead start(RunOrder order) {
        try {
            String runId = tool.gateway()
                    .start(order.runbook().workflow(), order.name(), Duration.ZERO, summary(order), order.input());
            return new RunHead(
                    order.name(),
                    runId,
                    order.runbook().workflow(),
                    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING,
                    tool.surroundings().clock().instant(),
                    null,
                    null);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
            throw held(order, null);
        }
    }

    private String summary(RunOrder order) {
        String reason = options.reason().isBlank() ? "" : ": " + options.reason();
        String text = order.mode() + " of " + order.cluster() + reason;
        return text.length() <= 150 ? text : text.substring(0, 147) + "...";
    }

    static CliFailure held(RunOrder order, @Nullable RunHead open) {
        return new CliFailure(
                ExitCode.HELD,
                "RUN_OPEN",
                "cannot start " + order.name() + ": a run of that name is still open"
                        + (open == null ? "" : ", since " + Words.utc(open.startedAt())),
                "follow it with 'lifeboat watch " + order.name() + "', or end it with 'lifeboat abort " + order.name()
                        + "'");
    }
}
