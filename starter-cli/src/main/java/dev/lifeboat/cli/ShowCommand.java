package dev.lifeboat.cli;

import dev.lifeboat.config.Runbook;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "show", description = "A runbook: when to use it, its steps, how to undo, how to do it by hand.")
final class ShowCommand implements Callable<Integer> {

    private final Tool tool;

    @Parameters(paramLabel = "RUNBOOK")
    private String runbook = "";

    ShowCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() throws IOException {
        Runbook found = tool.runbook(runbook);
        List<String> document =
                Files.exists(found.document()) ? Files.readAllLines(found.document()) : List.of("# " + found.title());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", found.id());
        json.put("title", found.title());
        json.put("objectives", found.objectives());
        json.put("steps", found.steps());
        json.put("document", String.join("\n", document));
        tool.print(json, document.stream().map(this::styled).toList());
        return ExitCode.DONE.number();
    }

    private String styled(String line) {
        return tool.terminal().color() && line.startsWith("#") ? "\u001b[1m" + line + "\u001b[0m" : line;
    }
}
