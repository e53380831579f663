package dev.lifeboat.cli;

import dev.lifeboat.workflows.runbook.RunStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retry}, {@code skip} and {@code abort}. */
@Command
final class DecisionCommand implements Callable<Integer> {

    private final Tool tool;
    private final String answer;

    @Parameters(paramLabel = "RUN")
    private String run = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it stands in the report.")
    private @Nullable String reason;

    DecisionCommand(Tool tool, String answer) {
        this.tool = tool;
        this.answer = answer;
    }

    @Override
    public Integer call() {
        RunHead head = new Runs(tool).open(tool.run(run));
        Optional<RunStatus> status = new Answers(tool).decide(head, answer, reason == null ? "" : reason);
        tool.print(
                status.<Object>map(s -> s).orElse(Map.of("run", head.name(), "runId", head.runId())),
                List.of("%-8s  %s".formatted(answer, head.name())));
        tool.say("follow it with 'lifeboat watch " + head.name() + "'");
        return ExitCode.DONE.number();
    }
}
