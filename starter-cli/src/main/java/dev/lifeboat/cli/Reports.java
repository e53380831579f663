package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.ReportText;
import dev.lifeboat.workflows.contract.evidence.RunReport;

/** The report of a run that has ended, and how it is printed. */
final class Reports {

    private Reports() {}

    /** @throws CliFailure when the run ended without one: terminated from outside, or before its first step */
    static RunReport of(Gateway gateway, RunHead run) {
        try {
            return gateway.report(run);
        } catch (CliFailure e) {
            if (e.exit() != ExitCode.FAILED) {
                // Refused before it touched anything: the reason is all there is to say.
                throw e;
            }
            throw new CliFailure(
                    ExitCode.FAILED,
                    e.code(),
                    "the run " + run.name() + " " + run.statusWord() + " without a report: " + e.getMessage(),
                    e.hint());
        }
    }

    static void print(Tool tool, RunReport report) {
        tool.print(
                report,
                ReportText.render(report, tool.terminal().color()).lines().toList());
    }
}
