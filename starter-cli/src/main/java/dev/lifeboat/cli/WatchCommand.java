package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "watch", description = "Follows a run to its end; exits as 'start' would.")
final class WatchCommand implements Callable<Integer> {

    private final Tool tool;

    @Parameters(paramLabel = "RUN")
    private String run = "";

    @Option(names = "--wait", paramLabel = "D", description = "At most this long; then exit 6.")
    private @Nullable String wait;

    WatchCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        RunRef ref = tool.run(run);
        RunHead head = new Runs(tool).known(ref);
        RunReport report =
                new Follower(tool, false).follow(head, wait == null ? null : StartOptions.duration("--wait", wait));
        Reports.print(tool, report);
        return report.exitCode();
    }
}
