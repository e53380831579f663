package dev.lifeboat.cli;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.Runbook;
import dev.lifeboat.workflows.domain.Objectives;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.stream.Collectors;
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
            document.put("objectives", shown.objectives(runbook));
            document.put("promises", shown.promises(runbook));
            document.put("nextRun", shown.next().next(runbook.id()));
            document.put("schedules", shown.next().documents(runbook.id()));
            document.put("lastRuns", runs);
            documents.add(document);
            table.row(
                    runbook.id(),
                    shown.promise(runbook),
                    shown.next().words(runbook.id()),
                    runs.isEmpty() ? "-" : runs.get(0).line());
            runs.stream().skip(1).forEach(run -> table.row("", "", "", run.line()));
        }
        tool.print(Map.of("runbooks", documents), table.lines());
        return ExitCode.DONE.number();
    }

    /** @param of what each cluster is promised by a runbook; empty where nothing is configured */
    private record Shown(
            Function<Runbook, Map<String, Objectives>> of, Map<String, List<LastRun>> last, NextRuns next) {

        Map<String, Objectives> promises(Runbook runbook) {
            return of.apply(runbook);
        }

        /** What all clusters are promised alike, else the runbook's own. */
        Objectives objectives(Runbook runbook) {
            Set<Objectives> all = Set.copyOf(promises(runbook).values());
            return all.size() == 1 ? all.iterator().next() : runbook.objectives();
        }

        String promise(Runbook runbook) {
            return Set.copyOf(promises(runbook).values()).size() < 2
                    ? Words.promise(objectives(runbook))
                    : promises(runbook).entrySet().stream()
                            .map(each -> each.getKey() + ": " + Words.promise(each.getValue()))
                            .collect(Collectors.joining("; "));
        }
    }

    /** The catalogue is worth showing also where nothing is configured or reachable. */
    private Shown look() {
        try {
            tool.config();
        } catch (ConfigException e) {
            if (tool.namesConfig() || !e.isAbsent()) {
                throw e;
            }
            tool.say("lifeboat: last runs are not shown: " + e.getMessage());
            return new Shown(runbook -> Map.of(), Map.of(), NextRuns.NONE);
        }
        try {
            // Beside the look-ups of last runs, as those are beside each other.
            FutureTask<NextRuns> next = new FutureTask<>(() -> NextRuns.look(tool));
            Thread thread = new Thread(next, "next-runs");
            thread.setDaemon(true);
            thread.start();
            Map<String, List<LastRun>> last = new LastRuns(tool).byRunbook();
            return new Shown(tool::promises, last, LastRuns.get(next));
        } catch (RuntimeException e) {
            if (!Failures.isUnreachable(e)) {
                throw e;
            }
            tool.say("lifeboat: last runs are not shown: " + tool.explain(e).getMessage());
            return new Shown(
                    tool::promises, Map.of(), new NextRuns(tool.config().schedules(), null));
        }
    }
}
