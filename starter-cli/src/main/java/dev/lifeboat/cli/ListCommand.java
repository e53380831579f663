package dev.lifeboat.cli;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.Runbook;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "list", description = "Every runbook: its promise, its next run, its last runs and their verdicts.")
final class ListCommand implements Callable<Integer> {

    private final Tool tool;

    ListCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        Map<String, List<LastRun>> last = lastRuns();
        List<Map<String, Object>> documents = new ArrayList<>();
        Table table = new Table().row("RUNBOOK", "PROMISE", "NEXT RUN", "LAST RUN");
        for (Runbook runbook : tool.catalog().all()) {
            List<LastRun> runs = last.getOrDefault(runbook.id(), List.of());
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("id", runbook.id());
            document.put("title", runbook.title());
            document.put("objectives", runbook.objectives());
            document.put("nextRun", null);
            document.put("lastRuns", runs);
            documents.add(document);
            String promise = Words.promise(runbook.objectives());
            table.row(
                    runbook.id(),
                    promise,
                    "not scheduled",
                    runs.isEmpty() ? "-" : runs.get(0).line());
            runs.stream().skip(1).forEach(run -> table.row("", "", "", run.line()));
        }
        tool.print(Map.of("runbooks", documents), table.lines());
        return ExitCode.DONE.number();
    }

    /** The catalogue is worth showing also where nothing is configured or reachable. */
    private Map<String, List<LastRun>> lastRuns() {
        try {
            tool.config();
        } catch (ConfigException e) {
            if (tool.namesConfig() || !e.isAbsent()) {
                throw e;
            }
            tool.say("lifeboat: last runs are not shown: " + e.getMessage());
            return Map.of();
        }
        try {
            return new LastRuns(tool).byRunbook();
        } catch (RuntimeException e) {
            if (!Failures.isUnreachable(e)) {
                throw e;
            }
            tool.say("lifeboat: last runs are not shown: " + tool.explain(e).getMessage());
            return Map.of();
        }
    }
}
