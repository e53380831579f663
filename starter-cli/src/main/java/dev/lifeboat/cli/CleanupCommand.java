package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Cleanup;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.CleanupOf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "cleanup", description = "Removes what runs left on purpose and whose date is over.")
final class CleanupCommand implements Callable<Integer> {

    private final Tool tool;

    @Option(names = "--dry-run", description = "Only lists it; the default.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Removes it.")
    private boolean yes;

    CleanupCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        if (dryRun && yes) {
            throw CliFailure.usage("--dry-run and --yes exclude each other", "leave one of them out");
        }
        List<String> removed = new ArrayList<>();
        List<String> kept = new ArrayList<>();
        for (String cluster : tool.config().postgres().keySet()) {
            Cleanup cleanup = tool.inquiries().ask(new CleanupOf(cluster, yes)).cleanup();
            if (cleanup != null) {
                removed.addAll(cleanup.removed());
                kept.addAll(cleanup.kept());
            }
        }
        tool.print(new Cleanup(removed, kept), lines(removed, kept));
        return ExitCode.DONE.number();
    }

    private List<String> lines(List<String> removed, List<String> kept) {
        List<String> lines = new ArrayList<>();
        removed.forEach(line -> lines.add((yes ? "removed  " : "would remove  ") + line));
        kept.forEach(line -> lines.add("keeps  " + line));
        if (lines.isEmpty()) {
            lines.add("nothing is left behind");
        } else if (!yes && !removed.isEmpty()) {
            lines.add("remove it with 'lifeboat cleanup --yes'");
        }
        return lines;
    }
}
