package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunStatus;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Answer;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.NewestReports;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Loads the classes that most commands need, for the launcher's archive of them. Every call to Temporal may fail. */
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {

    private static final Duration SHORT = Duration.ofMillis(500);

    private final Tool tool;

    WarmUpCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        Gateway gateway = tool.gateway();
        attempt(new LastRuns(tool)::byRunbook);
        attempt(() -> tool.inquiries().askQuickly(new NewestReports(List.of("none")), SHORT));
        attempt(() -> gateway.result("none", "none", Answer.class, SHORT));
        for (Class<?> type : List.of(RunReport.class, RunStatus.class, Answer.class)) {
            attempt(() -> gateway.read("{}", type));
        }
        Tool.toJson(Instant.EPOCH);
        return ExitCode.DONE.number();
    }

    private static void attempt(Callable<?> work) {
        try {
            work.call();
        } catch (Exception e) {
            // What was needed up to here is loaded, which is all that this is for.
        }
    }
}
