package dev.lifeboat.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lifeboat.config.Cron;
import dev.lifeboat.config.LifeboatConfig.Schedule;
import dev.lifeboat.config.Nearest;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.schedule.ScheduledRunInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The schedules of the configuration, each with the run that it starts: judged as if a person had typed it. */
final class WantedSchedules {

    /** As reports name who asked for a run. */
    static final String REQUESTED_BY = "schedule";

    private final Tool tool;

    WantedSchedules(Tool tool) {
        this.tool = tool;
    }

    List<WantedSchedule> all() {
        return tool.config().schedules().stream().map(this::wanted).toList();
    }

    /**
     * @param id null for all of them
     * @throws CliFailure with 2 when there is none
     */
    List<WantedSchedule> named(@Nullable String id) {
        List<WantedSchedule> all = all();
        if (all.isEmpty()) {
            throw CliFailure.usage(
                    "no schedule is configured in " + tool.config().file(),
                    "add 'schedules:' there, then 'lifeboat schedule sync'");
        }
        List<WantedSchedule> named =
                all.stream().filter(each -> id == null || each.id().equals(id)).toList();
        if (named.isEmpty()) {
            List<String> ids = all.stream().map(WantedSchedule::id).toList();
            throw CliFailure.usage(
                    "there is no schedule '" + id + "' in " + tool.config().file()
                            + Nearest.to(String.valueOf(id), ids)
                                    .map(near -> "; the nearest one is '" + near + "'")
                                    .orElse(""),
                    "'lifeboat schedule list' shows them all");
        }
        return named;
    }

    private WantedSchedule wanted(Schedule schedule) {
        RunOrder order = order(schedule);
        if (order.mode() == RunMode.RECOVERY) {
            throw refused(schedule, "it would change production while nobody looks");
        }
        ObjectMapper json = PayloadMapper.json();
        ScheduledRunInput start = new ScheduledRunInput(
                order.runbook().id(),
                order.runbook().workflow(),
                order.name(),
                order.mode() + " of " + order.cluster() + " by its schedule",
                json.valueToTree(order.input()));
        return new WantedSchedule(
                schedule,
                order,
                new ScheduleForm(
                        Cron.parse(schedule.cron()),
                        schedule.jitter(),
                        schedule.catchUp(),
                        schedule.catchUp(),
                        json.valueToTree(start),
                        List.of()));
    }

    private RunOrder order(Schedule schedule) {
        List<String> words = new ArrayList<>(List.of("--cluster=" + schedule.cluster()));
        for (Map.Entry<String, String> input : schedule.inputs().entrySet()) {
            // A flag is there or not.
            if (input.getValue().equals("true")) {
                words.add("--" + input.getKey());
            } else if (!input.getValue().equals("false")) {
                words.add("--" + input.getKey() + "=" + input.getValue());
            }
        }
        InputOptions inputs = new InputOptions();
        StartOptions options = new StartOptions();
        try {
            Lifeboat.registerWords(new CommandLine(inputs)).parseArgs(words.toArray(String[]::new));
            new CommandLine(options).parseArgs("--yes");
            return new Inputs(tool, inputs, options, REQUESTED_BY).order(schedule.runbook());
        } catch (ParameterException e) {
            throw refused(schedule, String.valueOf(e.getMessage()));
        } catch (CliFailure e) {
            throw refused(schedule, String.valueOf(e.getMessage()));
        }
    }

    private CliFailure refused(Schedule schedule, String why) {
        return CliFailure.usage(
                "the schedule " + schedule.id() + " in " + tool.config().file() + " cannot be: " + why,
                "correct it below 'schedules:' and try again");
    }
}
