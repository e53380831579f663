package dev.lifeboat.workflows.contract.evidence;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.contract.evidence.RunReport.Previous;
import io.temporal.activity.ActivityInterface;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an auditor reads, kept in the bucket under {@code evidence/}. */
@ActivityInterface(namePrefix = "Evidence")
public interface EvidenceActivities {

    /**
     * Writes {@code report.json}, {@code report.md}, {@code report.html} and {@code SHA256SUMS}; a second call with the
     * same report changes nothing. The logs that the steps left in the folder are named in what is written, and listed
     * in the sums, and the report of the run before it, with its digest. Where the report proves a base backup, a note of that is put beside the backup's manifest.
     */
    Written writeReport(RunReport report);

    /** The newest report of a run, or the one with this run id. Null when there is none. */
    @Nullable RunReport readReport(ReportQuery query);

    /** The newest report of each of these runs that has one. */
    List<RunReport> newestReports(List<String> runs);

    /** A run's evidence folder file by file, as much of it as an answer can carry. Null when there is none. */
    @Nullable FolderPart readFolder(FolderQuery query);

    /**
     * Removes the logs of a run that was refused before it changed anything: it leaves no trace. A run that has a report
     * keeps everything.
     */
    void forgetRefusedRun(RefusedRun run);

    record RefusedRun(String run, String runId, Instant startedAt) {}

    /** @param runId null for the newest */
    record ReportQuery(String run, @Nullable String runId) {}

    /**
     * @param address of the folder, for people
     * @param logs    the names of the steps' logs within it, by step
     * @param previous the report before it; null where there is none, or it could not be read
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Written(String address, Map<String, List<String>> logs, @Nullable Previous previous) {}

    /**
     * @param runId null for the newest run
     * @param from  where to go on; null for the first part
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FolderQuery(String run, @Nullable String runId, @Nullable Place from) {}

    /** A byte of a file. */
    record Place(String name, long offset) {}

    /**
     * @param runId whose folder it is, to be named when the next part is asked for
     * @param next  where the next part begins; null when this was the last one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FolderPart(String runId, List<FilePiece> pieces, @Nullable Place next) {}

    record FilePiece(String name, long offset, byte[] content) {}
}
