package dev.lifeboat.activities.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.contract.StepCall;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities;
import dev.lifeboat.workflows.contract.evidence.ReportHtml;
import dev.lifeboat.workflows.contract.evidence.ReportMarkdown;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Evidence as files in a folder per run, which can be checked and read without Lifeboat. */
public final class EvidenceActivitiesImpl implements EvidenceActivities {

    private static final Logger log = LoggerFactory.getLogger(EvidenceActivitiesImpl.class);
    private static final String REPORT = "report.json";
    private final ObjectStore store;

    public EvidenceActivitiesImpl(ObjectStore store) {
        this.store = store;
    }

    @Override
    public Written writeReport(RunReport judged) {
        String folder = BucketLayout.evidence(judged.run(), judged.startedAt(), judged.runId());
        Written written = new Written(store.addressOf(folder), logs(folder), PreviousReports.before(store, judged));
        RunReport report = judged.keptAt(written.address(), written.logs(), written.previous());
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.put(REPORT, Json.write(report));
        files.put("report.md", ReportMarkdown.render(report).getBytes(UTF_8));
        files.put("report.html", ReportHtml.render(report).getBytes(UTF_8));
        files.forEach((name, content) -> write(folder + name, content));
        new BackupProofs(store).write(report);
        // Last: who finds the sums finds everything that they name.
        write(folder + Sha256Sums.NAME, Sha256Sums.of(withLogs(folder, files)));
        log.info("evidence of {} is in {}", report.run(), written.address());
        return written;
    }

    @Override
    public @Nullable RunReport readReport(ReportQuery query) {
        return find(query)
                .map(folder -> folder + REPORT)
                .map(key -> Json.read(store.readAll(key), RunReport.class, store.addressOf(key)))
                .orElse(null);
    }

    @Override
    public List<RunReport> newestReports(List<String> runs) {
        List<RunReport> reports = new ArrayList<>();
        for (String run : runs) {
            RunReport newest = readReport(new ReportQuery(run, null));
            if (newest != null) {
                reports.add(newest);
            }
        }
        return reports;
    }

    @Override
    public @Nullable FolderPart readFolder(FolderQuery query) {
        Optional<String> folder = find(new ReportQuery(query.run(), query.runId()));
        return folder.map(found -> new FolderReader(store, found).read(query.from()))
                .orElse(null);
    }

    @Override
    public void forgetRefusedRun(RefusedRun refused) {
        String folder = BucketLayout.evidence(refused.run(), refused.startedAt(), refused.runId());
        if (store.head(folder + REPORT).isEmpty()) {
            store.list(folder).forEach(object -> store.delete(object.key()));
        }
    }

    /** The folder of the run id, or else the newest that holds a report: names begin with the time of the start. */
    private Optional<String> find(ReportQuery query) {
        String root = BucketLayout.evidence(query.run());
        List<String> names = store.listFolders(root);
        for (int i = names.size() - 1; i >= 0; i--) {
            String name = names.get(i);
            boolean asked = query.runId() == null || name.endsWith("_" + query.runId());
            if (asked && store.head(root + name + "/" + REPORT).isPresent()) {
                return Optional.of(root + name + "/");
            }
        }
        return Optional.empty();
    }

    /** By step, in the order in which they were begun. */
    private Map<String, List<String>> logs(String folder) {
        Map<String, List<String>> logs = new LinkedHashMap<>();
        for (StoredObject object : store.list(folder + StepCall.LOGS)) {
            String name = object.key().substring(folder.length());
            StepCall.stepOfLog(name).ifPresent(step -> logs.computeIfAbsent(step, none -> new ArrayList<>())
                    .add(name));
        }
        return logs;
    }

    /** The files of the report and the logs that steps have left in its folder. */
    private SortedMap<String, byte[]> withLogs(String folder, SortedMap<String, byte[]> files) {
        SortedMap<String, byte[]> all = new TreeMap<>(files);
        for (StoredObject object : store.list(folder)) {
            String name = object.key().substring(folder.length());
            if (!name.equals(Sha256Sums.NAME) && !all.containsKey(name)) {
                all.put(name, store.readAll(object.key()));
            }
        }
        return all;
    }

    private void write(String key, byte[] content) {
        // Most calls write what is not there yet, or what is there already: no second version of the same bytes.
        if (!store.putIfAbsent(key, content)) {
            store.put(key, content);
        }
    }
}
