package dev.lifeboat.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What Temporal starts by the clock. */
@Command(
        name = "schedule",
        description = "The schedules of the configuration, in Temporal: list, sync, pause, resume, trigger.",
        synopsisSubcommandLabel = "COMMAND")
final class ScheduleCommand implements Callable<Integer> {

    /** Below a command line that has it already, so that what all commands share is passed on. */
    static void addTo(CommandLine line, Tool tool) {
        CommandLine schedule = new CommandLine(new ScheduleCommand());
        line.addSubcommand(schedule);
        schedule.addSubcommand(new ScheduleListCommand(tool))
                .addSubcommand(new ScheduleSyncCommand(tool))
                .addSubcommand(
                        "pause", described(new SchedulePauseCommand(tool, true), "Starts nothing until it is resumed."))
                .addSubcommand(
                        "resume", described(new SchedulePauseCommand(tool, false), "Starts again at the next time."))
                .addSubcommand(new ScheduleTriggerCommand(tool));
    }

    private static CommandLine described(Object command, String description) {
        CommandLine line = new CommandLine(command);
        line.getCommandSpec().usageMessage().description(description);
        return line;
    }

    @Override
    public Integer call() {
        throw CliFailure.usage(
                "schedule needs one of list, sync, pause, resume, trigger",
                "'lifeboat schedule list' is a good beginning");
    }
}
