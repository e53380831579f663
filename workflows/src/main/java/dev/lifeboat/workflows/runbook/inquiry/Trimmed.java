package dev.lifeboat.workflows.runbook.inquiry;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import java.util.List;

/** Keeps answers below what Temporal carries. */
final class Trimmed {

    /** A report with a few dozen steps and checks; a longer one is rare. */
    private static final int REPORTS = 50;

    private Trimmed() {}

    static List<RunReport> reports(List<RunReport> reports) {
        return List.copyOf(reports.subList(0, Math.min(REPORTS, reports.size())));
    }
}
