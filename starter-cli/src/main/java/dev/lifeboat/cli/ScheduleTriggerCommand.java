package dev.lifeboat.cli;

import dev.lifeboat.workflows.runbook.schedule.ScheduledStart;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "trigger",
        description = "Starts now what the schedule would start, as it would; also while it is paused.")
final class ScheduleTriggerCommand implements Callable<Integer> {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Tool tool;

    @Parameters(
            paramLabel = "ID",
            arity = "0..1",
            description = "For example base-backup/main; needed where there are several.")
    private @Nullable String id;

    ScheduleTriggerCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        List<WantedSchedule> named = new WantedSchedules(tool).named(id);
        if (named.size() > 1) {
            throw CliFailure.usage(
                    "which schedule? There are "
                            + String.join(
                                    ", ", named.stream().map(WantedSchedule::id).toList()),
                    "for example 'lifeboat schedule trigger " + named.get(0).id() + "'");
        }
        RunOrder order = named.get(0).order();
        ScheduleGateway gateway = new ScheduleGateway(tool);
        FoundSchedule before = SchedulePauseCommand.ofOurs(tool, gateway, order.name());
        tool.gateway()
                .head(new RunRef(order.name(), null))
                .filter(RunHead::isOpen)
                .ifPresent(open -> {
                    throw StartCommand.held(order, open);
                });
        gateway.trigger(order.name());
        ScheduledStart start = started(order, startAfter(gateway, before));
        if (!start.started()) {
            throw StartCommand.held(order, null);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("run", start.run());
        document.put("runId", start.runId());
        tool.print(document, List.of("started   " + start.run() + "@" + start.runId()));
        tool.say("follow it with 'lifeboat watch " + start.run() + "'");
        return ExitCode.DONE.number();
    }

    /** The start that Temporal has made since. */
    private FoundSchedule.Start startAfter(ScheduleGateway gateway, FoundSchedule before) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < end) {
            Optional<FoundSchedule.Start> made = gateway.find(before.id()).stream()
                    .flatMap(now -> now.starts().stream())
                    .filter(start -> !before.starts().contains(start))
                    .reduce((first, second) -> second);
            if (made.isPresent()) {
                return made.get();
            }
            sleep();
        }
        throw new CliFailure(
                ExitCode.UNREACHABLE,
                "NO_START",
                "Temporal took the order and has not started anything within " + LIMIT.toSeconds() + " s",
                "'lifeboat schedule list' shows whether it did later; ask for nothing twice before");
    }

    private ScheduledStart started(RunOrder order, FoundSchedule.Start start) {
        return tool.gateway()
                .result(
                        start.run().name(),
                        String.valueOf(start.run().runId()),
                        ScheduledStart.class,
                        tool.surroundings().signOfLife())
                .orElseThrow(() -> new CliFailure(
                        ExitCode.UNREACHABLE,
                        "NO_WORKER",
                        "no worker has taken the start of " + order.name()
                                + "; one that comes within the catch-up window takes it",
                        "start one with 'lifeboat worker'; 'lifeboat schedule list' shows what came of it"));
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the start was awaited", e);
        }
    }
}
