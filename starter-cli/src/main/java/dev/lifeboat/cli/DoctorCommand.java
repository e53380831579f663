package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "doctor",
        description = "Is everything ready for the day it is needed: each check with what to do about it.")
final class DoctorCommand implements Callable<Integer> {

    private final Tool tool;

    DoctorCommand(Tool tool) {
        this.tool = tool;
    }

    /** @param ready nothing failed; what was not measured does not count as failed, and is shown */
    record Diagnosis(boolean ready, List<Examination> checks) {}

    @Override
    public Integer call() {
        Doctor doctor = new Doctor(tool);
        List<Examination> checks = doctor.examine();
        long failed = count(checks, Verdict.FAIL);
        tool.print(new Diagnosis(failed == 0, checks), lines(checks));
        if (failed > 0) {
            ExitCode exit = doctor.nobodyAnswers() ? ExitCode.UNREACHABLE : ExitCode.NOT_READY;
            tool.complainInWords(new CliFailure(
                    exit,
                    exit.name(),
                    "not ready: %d of %d checks failed".formatted(failed, checks.size()),
                    "do what stands below each of them, then run 'lifeboat doctor' again"));
            return exit.number();
        }
        return ExitCode.DONE.number();
    }

    private static List<String> lines(List<Examination> checks) {
        List<String> lines = new ArrayList<>();
        String subject = "";
        for (Examination check : checks) {
            if (!check.subject().equals(subject)) {
                subject = check.subject();
                lines.add(subject);
            }
            lines.add("  %-12s  %s: %s".formatted(check.verdict(), check.name(), check.found()));
            if (check.verdict() != Verdict.PASS) {
                lines.add("  %-12s  wanted: %s".formatted("", check.wanted()));
            }
            if (!check.todo().isEmpty()) {
                lines.add("  %-12s  to do: %s".formatted("", check.todo()));
            }
        }
        lines.add("%d passed, %d failed, %d not measured"
                .formatted(
                        count(checks, Verdict.PASS), count(checks, Verdict.FAIL), count(checks, Verdict.NOT_MEASURED)));
        return lines;
    }

    private static long count(List<Examination> checks, Verdict verdict) {
        return checks.stream().filter(check -> check.verdict() == verdict).count();
    }
}
