package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunStatus;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Answer;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * Loads the classes that most commands need, for the launcher's archive of them, by doing what they do with a Temporal of
 * its own. Prints what they print.
 */
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {

    private final Tool tool;
    private final GlobalOptions options;

    WarmUpCommand(Tool tool, GlobalOptions options) {
        this.tool = tool;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        try (WarmUpTemporal temporal = new WarmUpTemporal(tool.config());
                Tool warmed = new Tool(tool.surroundings().with(address -> open(temporal)), options)) {
            warmed.gateway();
            attempt(new ListCommand(warmed));
            for (Class<?> type : List.of(RunReport.class, RunStatus.class, Answer.class)) {
                attempt(() -> warmed.gateway().read("{}", type));
            }
            Tool.toJson(Instant.EPOCH);
        }
        return ExitCode.DONE.number();
    }

    private static Gateway open(WarmUpTemporal temporal) {
        return Connection.open(new LifeboatConfig.Temporal(temporal.address(), "default", null, null, true), Map.of());
    }

    private static void attempt(Callable<?> work) {
        try {
            work.call();
        } catch (Exception e) {
            // What was needed up to here is loaded, which is all that this is for.
        }
    }
}
