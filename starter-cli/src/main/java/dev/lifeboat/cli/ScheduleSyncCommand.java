package dev.lifeboat.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "sync",
        description = "Shows, and with --yes makes, what Temporal needs to hold exactly the configured schedules.")
final class ScheduleSyncCommand implements Callable<Integer> {

    private final Tool tool;

    @Option(names = "--yes", description = "Changes Temporal; without it the changes are only shown.")
    private boolean yes;

    ScheduleSyncCommand(Tool tool) {
        this.tool = tool;
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
        refuseForeign(plan);
        boolean applies = yes && !plan.changesNothing();
        if (applies) {
            plan.changes().forEach(gateway::apply);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("applied", applies);
        document.put(
                "changes",
                plan.changes().stream().map(SyncPlan.Change::document).toList());
        tool.print(document, plan.lines());
        tool.say(lastWords(plan, applies));
        return ExitCode.DONE.number();
    }

    private String lastWords(SyncPlan plan, boolean applied) {
        String file = tool.config().file().toString();
        if (plan.changesNothing()) {
            return "nothing to do: Temporal holds exactly the schedules of " + file;
        }
        return applied
                ? "done: Temporal holds exactly the schedules of " + file
                : "nothing was changed; 'lifeboat schedule sync --yes' does this";
    }

    /** Before anything is changed. */
    private void refuseForeign(SyncPlan plan) {
        List<SyncPlan.Change> foreign = plan.of(SyncPlan.Kind.REFUSE);
        if (!foreign.isEmpty()) {
            SyncPlan.Change first = foreign.get(0);
            plan.lines().forEach(tool::say);
            throw new CliFailure(
                    ExitCode.NOT_READY,
                    "SCHEDULE_NOT_OURS",
                    "cannot sync: Temporal has a schedule '" + first.id() + "' already, and "
                            + first.what().get(0) + "; nothing was changed",
                    "remove it with 'temporal schedule delete -s " + first.id()
                            + "' if nobody needs it, or give this platform a namespace of its own");
        }
    }
}
