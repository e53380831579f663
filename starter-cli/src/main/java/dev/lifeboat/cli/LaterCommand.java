package dev.lifeboat.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** A command whose name is promised already. Whatever follows it, it is refused with one sentence. */
@Command(description = "Not part of this version yet.")
final class LaterCommand implements Callable<Integer> {

    private final String name;

    @Unmatched
    private final List<String> rest = new ArrayList<>();

    LaterCommand(String name) {
        this.name = name;
    }

    @Override
    public Integer call() {
        throw CliFailure.notYet("lifeboat " + name);
    }
}
