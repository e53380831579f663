package dev.lifeboat.cli;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.Runbook;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import picocli.CommandLine.Command;

@Command(name = "list", description = "Every runbook: its promise, its next run, its last runs and their verdicts.")
final class ListCommand implements Callable<Integer> {

    private final Tool tool;

    ListCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        Shown shown = look();
        List<Map<String, Object>> documents = new ArrayList<>();
        Table table = new Table().row("RUNBOOK", "PROMISE", "NEXT RUN", "LAST RUN");
        for (Runbook runbook : tool.catalog().all()) {
            List<LastRun> runs = shown.last().getOrDefault(runbook.id(), List.of());
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("id", runbook.id());
            document.put("title", runbook.title());
            document.put("objectives", runbook.objectives());
            document.put("nextRun", shown.next().next(runbook.id()));
            document.put("schedules", shown.next().documents(runbook.id()));
            document.put("lastRuns", runs);
            documents.add(document);
            String promise = Words.promise(runbook.objectives());
            table.row(
                    runbook.id(),
                    promise,
                    shown.next().words(runbook.id()),
                    runs.isEmpty() ? "-" : runs.get(0).line());
            runs.stream().skip(1).forEach(run -> table.row("", "", "", run.line()));
        }
        tool.print(Map.of("runbooks", documents), table.lines());
        return ExitCode.DONE.number();
    }

    private record Shown(Map<String, List<LastRun>> last, NextRuns next) {}

    /** The catalogue is worth showing also where nothing is configured or reachable. */
    private Shown look() {
        try {
            tool.config();
        } catch (ConfigException e) {
            if (tool.namesConfig() || !e.isAbsent()) {
                throw e;
            }
            tool.say("lifeboat: last runs are not shown: " + e.getMessage());
            return new Shown(Map.of(), NextRuns.NONE);
        }
        try {
            // Beside the look-ups of last runs, as those are beside each other.
            FutureTask<NextRuns> next = new FutureTask<>(() -> NextRuns.look(tool));
            Thread thread = new Thread(next, "next-runs");
            thread.setDaemon(true);
            thread.start();
            Map<String, List<LastRun>> last = new LastRuns(tool).byRunbook();
            return new Shown(last, LastRuns.get(next));
        } catch (RuntimeException e) {
            if (!Failures.isUnreachable(e)) {
                throw e;
            }
            tool.say("lifeboat: last runs are not shown: " + tool.explain(e).getMessage());
            return new Shown(Map.of(), new NextRuns(tool.config().schedules(), null));
        }
    }
}
