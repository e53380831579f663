package dev.lifeboat.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pause} and {@code resume}: without an id every schedule of the configuration. */
@Command
final class SchedulePauseCommand implements Callable<Integer> {

    private final Tool tool;
    private final boolean pauses;

    @Parameters(paramLabel = "ID", arity = "0..1", description = "For example base-backup/main; else all of them.")
    private @Nullable String id;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it is shown wherever the schedule is.")
    private @Nullable String reason;

    SchedulePauseCommand(Tool tool, boolean pauses) {
        this.tool = tool;
        this.pauses = pauses;
    }

    @Override
    public Integer call() {
        List<WantedSchedule> named = new WantedSchedules(tool).named(id);
        if (!pauses) {
            named.forEach(this::refuseConfigured);
        }
        ScheduleGateway gateway = new ScheduleGateway(tool);
        List<FoundSchedule> found =
                named.stream().map(each -> ofOurs(tool, gateway, each.id())).toList();
        List<Map<String, Object>> documents = new ArrayList<>();
        Table table = new Table();
        for (FoundSchedule each : found) {
            boolean changes = each.paused() != pauses;
            String note = changes ? note() : each.note();
            if (changes && pauses) {
                gateway.pause(each.id(), note);
            } else if (changes) {
                gateway.resume(each.id(), note);
            }
            documents.add(Map.of("id", each.id(), "paused", pauses, "changed", changes, "note", note));
            String word = pauses ? "paused" : "resumed";
            String already = pauses ? "paused already" : "runs already";
            table.row(changes ? word : already, each.id(), pauses ? note : "");
        }
        tool.print(Map.of("schedules", documents), table.lines());
        return ExitCode.DONE.number();
    }

    private String note() {
        return (pauses ? "" : "resumed ") + "by " + tool.surroundings().person()
                + (reason == null || reason.isBlank() ? "" : ": " + reason);
    }

    /** The next sync would pause it again. */
    private void refuseConfigured(WantedSchedule wanted) {
        String paused = wanted.schedule().paused();
        if (paused != null) {
            throw CliFailure.usage(
                    "cannot resume " + wanted.id() + ": the configuration pauses it: " + paused,
                    "take 'paused:' out of " + tool.config().file() + ", then 'lifeboat schedule sync --yes'");
        }
    }

    /** @throws CliFailure with 8 when Temporal has none of this id, or somebody else's */
    static FoundSchedule ofOurs(Tool tool, ScheduleGateway gateway, String id) {
        FoundSchedule found = gateway.find(id)
                .orElseThrow(() -> new CliFailure(
                        ExitCode.NOT_READY,
                        "SCHEDULE_MISSING",
                        "Temporal has no schedule " + id + " yet, though it is configured",
                        "make it with 'lifeboat schedule sync --yes'"));
        if (!found.isOf(tool.config().platform())) {
            throw new CliFailure(
                    ExitCode.NOT_READY,
                    "SCHEDULE_NOT_OURS",
                    "the schedule " + id + " in Temporal is not this platform's",
                    "'lifeboat schedule sync' says whose it is");
        }
        return found;
    }
}
