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

/** {@code approve} and {@code reject}: the step is named, so that a late answer cannot open another gate. */
@Command
final class GateCommand implements Callable<Integer> {

    private final Tool tool;
    private final String answer;

    @Parameters(index = "0", paramLabel = "RUN")
    private String run = "";

    @Parameters(index = "1", paramLabel = "STEP")
    private String step = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it stands in the report.")
    private @Nullable String reason;

    GateCommand(Tool tool, String answer) {
        this.tool = tool;
        this.answer = answer;
    }

    @Override
    public Integer call() {
        RunHead head = new Runs(tool).open(tool.run(run));
        Optional<RunStatus> status = new Answers(tool).gate(head, answer, step, reason == null ? "" : reason);
        tool.print(
                status.<Object>map(s -> s).orElse(Map.of("run", head.name(), "runId", head.runId())),
                List.of((answer.equals("approve") ? "approved  " : "rejected  ") + head.name() + "   " + step));
        return ExitCode.DONE.number();
    }
}
