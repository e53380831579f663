package dev.lifeboat.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "rewrap",
        description = "Lets exactly the configured recipients decrypt what is in the bucket; writes headers only.")
final class KeysRewrapCommand implements Callable<Integer> {

    private final Tool tool;

    @Option(names = "--yes", description = "Does it; without it, it is only shown.")
    private boolean yes;

    KeysRewrapCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        return new KeysRewrap(tool, null, yes, "lifeboat keys rewrap").run();
    }
}
