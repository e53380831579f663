package dev.lifeboat.workflows.contract.evidence;

import io.temporal.activity.ActivityInterface;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an auditor reads, kept in the bucket under {@code evidence/}. */
@ActivityInterface(namePrefix = "Evidence")
public interface EvidenceActivities {

    /**
     * Writes {@code report.json}, {@code report.md}, {@code report.html} and {@code SHA256SUMS}; a second call with the
     * same report changes nothing.
     *
     * @return the address of the folder
     */
    String writeReport(RunReport report);

    /** The newest report of a run, or the one with this run id. Null when there is none. */
    @Nullable RunReport readReport(ReportQuery query);

    /** The newest report of each of these runs that has one. */
    List<RunReport> newestReports(List<String> runs);

    /** Every file of a run's evidence folder as text, smallest pieces first; empty when there is none. */
    List<EvidenceFile> readFolder(ReportQuery query);

    /** @param runId null for the newest */
    record ReportQuery(String run, @Nullable String runId) {}

    record EvidenceFile(String name, String text) {}
}
