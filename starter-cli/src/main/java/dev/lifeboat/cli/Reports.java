package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.ReportText;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import io.temporal.client.WorkflowFailedException;

/** The report of a run that has ended, and how it is printed. */
final class Reports {

    private Reports() {}

    /** @throws CliFailure when the run ended without one: terminated from outside, or before its first step */
    static RunReport of(Gateway gateway, RunHead run) {
        try {
            return gateway.result(run);
        } catch (WorkflowFailedException e) {
            FailureTranslator.Read read = FailureTranslator.read(e);
            if (ExitCode.of(read.code()) != ExitCode.FAILED) {
                // Refused before it touched anything: the reason is all there is to say.
                throw CliFailure.of(read);
            }
            throw new CliFailure(
                    ExitCode.FAILED,
                    read.code().name(),
                    "the run " + run.name() + " " + run.statusWord() + " without a report: " + read.message(),
                    read.hint().isBlank() ? "look at it in Temporal's own user interface" : read.hint());
        }
    }

    static void print(Tool tool, RunReport report) {
        tool.print(
                report,
                ReportText.render(report, tool.terminal().color()).lines().toList());
    }
}
