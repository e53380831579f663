package dev.lifeboat.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

@Command(name = "completion", description = "A completion script: 'source <(lifeboat completion bash)'.")
final class CompletionCommand implements Callable<Integer> {

    private final Tool tool;
    private final CommandSpec root;

    @Parameters(paramLabel = "bash|zsh")
    private String shell = "";

    CompletionCommand(Tool tool, CommandSpec root) {
        this.tool = tool;
        this.root = root;
    }

    @Override
    public Integer call() {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw CliFailure.usage("there is no completion for '" + shell + "'", "bash or zsh");
        }
        // The script makes itself at home in zsh, too.
        tool.terminal().out().print(AutoComplete.bash("lifeboat", root.commandLine()));
        tool.terminal().out().flush();
        return ExitCode.DONE.number();
    }
}
