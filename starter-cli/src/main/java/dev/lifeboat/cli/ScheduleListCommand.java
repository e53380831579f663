package dev.lifeboat.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

@Command(
        name = "list",
        description = "Every schedule: when it starts next, whether it is as configured, its last start.")
final class ScheduleListCommand implements Callable<Integer> {

    private final Tool tool;

    ScheduleListCommand(Tool tool) {
        this.tool = tool;
    }

    /** One line of it. */
    private record Row(
            SyncPlan.Change change,
            @Nullable String cron,
            String state,
            @Nullable Instant next,
            @Nullable LastStart last) {

        Map<String, Object> document() {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("id", change.id());
            document.put("cron", cron);
            document.put("state", state);
            document.put("what", change.what());
            document.put("paused", change.found() != null && change.found().paused());
            document.put("note", change.found() == null ? "" : change.found().note());
            document.put("nextRun", next);
            document.put("lastStart", last);
            return document;
        }
    }

    @Override
    public Integer call() {
        List<WantedSchedule> wanted = new WantedSchedules(tool).all();
        ScheduleGateway gateway = new ScheduleGateway(tool);
        SyncPlan plan = SyncPlan.of(
                tool.config().platform(),
                wanted,
                gateway.found(wanted),
                tool.surroundings().clock().instant());
        LastStarts lastStarts = new LastStarts(tool.gateway());
        List<Row> rows = new ArrayList<>();
        plan.changes().forEach(change -> rows.add(row(change, lastStarts)));
        Table table = new Table().row("SCHEDULE", "CRON (UTC)", "NEXT RUN", "STATE", "LAST START");
        rows.forEach(row -> table.row(
                row.change().id(),
                String.valueOf(row.cron()),
                row.next() == null ? "-" : Words.utc(row.next()),
                row.state(),
                row.last() == null ? "-" : row.last().line()));
        tool.print(Map.of("schedules", rows.stream().map(Row::document).toList()), table.lines());
        if (!plan.changesNothing()) {
            tool.say(
                    "Temporal does not hold exactly the configured schedules; 'lifeboat schedule sync' shows what is to do");
        }
        return ExitCode.DONE.number();
    }

    private static Row row(SyncPlan.Change change, LastStarts lastStarts) {
        FoundSchedule found = change.found();
        WantedSchedule wanted = change.wanted();
        String cron = wanted == null
                ? String.valueOf(found == null ? null : found.form().cron())
                : String.valueOf(wanted.form().cron());
        boolean ours = found != null && change.kind() != SyncPlan.Kind.REFUSE;
        Instant next = found == null || !ours || found.paused() || found.next().isEmpty()
                ? null
                : found.next().get(0);
        Optional<LastStart> last = found == null || !ours ? Optional.empty() : lastStarts.of(found);
        return new Row(change, cron, state(change), next, last.orElse(null));
    }

    private static String state(SyncPlan.Change change) {
        FoundSchedule found = change.found();
        String paused = found != null && found.paused() ? found.pauseWords() : "";
        return switch (change.kind()) {
            case CREATE -> "missing in Temporal";
            case CHANGE -> "differs: " + String.join("; ", change.what());
            case REMOVE -> "not configured";
            case REFUSE -> "not ours: " + change.what().get(0);
            case KEEP -> paused.isEmpty() ? "as configured" : paused;
        };
    }
}
