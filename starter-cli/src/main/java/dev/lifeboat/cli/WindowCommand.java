package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Hole;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.LiveEnd;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.WindowOf;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "window", description = "The times that can be recovered to, from what is really in the bucket.")
final class WindowCommand implements Callable<Integer> {

    private final Tool tool;

    @Parameters(paramLabel = "CLUSTER")
    private String cluster = "";

    WindowCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        String name = tool.cluster(cluster).name();
        Window window = tool.inquiries().ask(new WindowOf(name)).window();
        if (window == null) {
            window = new Window(List.of(), List.of(), null);
        }
        tool.print(document(window), lines(name, window));
        return ExitCode.DONE.number();
    }

    /** Where no commit is seen, the end of the backup is the one moment that is known to come back. */
    private static Window document(Window window) {
        List<Range> ranges = window.ranges().stream()
                .map(range -> new Range(
                        range.timeline(),
                        range.from(),
                        range.to() == null ? range.from() : range.to(),
                        range.fromLsn(),
                        range.toLsn()))
                .toList();
        return new Window(ranges, window.holes(), window.liveEnd());
    }

    private static List<String> lines(String cluster, Window window) {
        List<String> lines = new ArrayList<>();
        if (window.ranges().isEmpty()) {
            lines.add(cluster + " cannot be recovered to any time yet: no base backup with its WAL is in the bucket");
            lines.add("take one with 'lifeboat start base-backup --cluster " + cluster + "'");
        } else {
            Table table = new Table().row("TIMELINE", "FROM", "TO", "FROM LSN", "TO LSN");
            for (Range range : window.ranges()) {
                table.row(
                        String.valueOf(range.timeline()),
                        range.from().toString(),
                        time(range.to()),
                        range.fromLsn().toString(),
                        range.toLsn().toString());
            }
            lines.addAll(table.lines());
        }
        LiveEnd live = window.liveEnd();
        if (live != null) {
            lines.add("on the live disk, beyond the archive: timeline " + live.timeline() + " up to " + live.lsn()
                    + (live.lastCommitAt() == null ? "" : ", last commit " + live.lastCommitAt()));
        }
        for (Hole hole : window.holes()) {
            lines.add("hole on timeline " + hole.timeline() + ": " + String.join(", ", hole.missing()));
        }
        return lines;
    }

    private static String time(@Nullable Instant time) {
        return time == null ? "no commit seen" : time.toString();
    }
}
