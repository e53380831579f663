package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.RunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "status", description = "The open runs; or one run step by step, with what it waits for.")
final class StatusCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Tool tool;

    @Parameters(paramLabel = "RUN", arity = "0..1")
    private @Nullable String run;

    StatusCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        if (run == null) {
            return all().number();
        }
        one(tool.run(run));
        return ExitCode.DONE.number();
    }

    private void one(RunRef ref) {
        RunHead head = new Runs(tool).known(ref);
        if (!head.isOpen()) {
            RunReport report = Reports.of(tool.gateway(), head);
            Reports.print(tool, report);
            return;
        }
        RunStatus status = status(head).orElseThrow(() -> silent(head));
        Instant now = tool.surroundings().clock().instant();
        tool.print(status, StatusText.lines(status, head.activity(), now));
    }

    private Optional<RunStatus> status(RunHead head) {
        try {
            return Optional.of(tool.gateway().status(head, PATIENCE));
        } catch (RuntimeException e) {
            if (Failures.status(e).isPresent()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static CliFailure silent(RunHead head) {
        return new CliFailure(
                ExitCode.UNREACHABLE,
                "NO_WORKER",
                "the run " + head.name() + " is open since " + Words.utc(head.startedAt())
                        + ", but no worker answers for it",
                "start one with 'lifeboat worker'; the run goes on by itself then");
    }

    private ExitCode all() {
        List<RunHead> open = new Runs(tool).allOpen();
        List<Map<String, Object>> documents = new ArrayList<>();
        Table table = new Table().row("RUN", "SINCE", "STEP", "WAITS FOR");
        Optional<RunHead> silent = Optional.empty();
        for (RunHead head : open) {
            Optional<RunStatus> status = silent.isPresent() ? Optional.empty() : status(head);
            silent = status.isPresent() ? silent : Optional.of(head);
            String step = status.map(StatusCommand::step).orElse("no worker answers");
            String waits = status.map(StatusCommand::waits).orElse("");
            table.row(head.name(), Words.utc(head.startedAt()), step, waits);
            documents.add(Map.of(
                    "run", head.name(),
                    "runId", head.runId(),
                    "startedAt", head.startedAt(),
                    "step", step,
                    "waitsFor", waits));
        }
        tool.print(Map.of("runs", documents), open.isEmpty() ? List.of("no run is open") : table.lines());
        silent.ifPresent(head -> tool.complainInWords(silent(head)));
        return silent.isPresent() ? ExitCode.UNREACHABLE : ExitCode.DONE;
    }

    private static String step(RunStatus status) {
        return status.steps().stream()
                .filter(step -> switch (step.state()) {
                    case RUNNING, WAITING, FAILED -> true;
                    default -> false;
                })
                .findFirst()
                .map(step -> step.id())
                .orElse("");
    }

    private static String waits(RunStatus status) {
        return status.waitingFor() == null
                ? ""
                : status.waitingFor().kind() + " of " + status.waitingFor().step();
    }
}
