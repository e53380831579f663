package dev.lifeboat.activities.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities;
import dev.lifeboat.workflows.contract.evidence.ReportHtml;
import dev.lifeboat.workflows.contract.evidence.ReportMarkdown;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Evidence as files in a folder per run, which can be checked and read without Lifeboat. */
public final class EvidenceActivitiesImpl implements EvidenceActivities {

    private static final Logger log = LoggerFactory.getLogger(EvidenceActivitiesImpl.class);
    private static final DateTimeFormatter START =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String REPORT = "report.json";
    /** What one answer of an activity may carry, well below Temporal's limit of 2 MB. */
    private static final int ANSWER_LIMIT = 1024 * 1024;

    private final ObjectStore store;

    public EvidenceActivitiesImpl(ObjectStore store) {
        this.store = store;
    }

    @Override
    public String writeReport(RunReport report) {
        String folder = folder(report.run(), report.startedAt(), report.runId());
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.put(REPORT, Json.write(report));
        files.put("report.md", ReportMarkdown.render(report).getBytes(UTF_8));
        files.put("report.html", ReportHtml.render(report).getBytes(UTF_8));
        files.forEach((name, content) -> write(folder + name, content));
        // Last: who finds the sums finds everything that they name.
        write(folder + Sha256Sums.NAME, Sha256Sums.of(withLogs(folder, files)));
        log.info("evidence of {} is in {}", report.run(), store.addressOf(folder));
        return store.addressOf(folder);
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
    public List<EvidenceFile> readFolder(ReportQuery query) {
        Optional<String> folder = find(query);
        if (folder.isEmpty()) {
            return List.of();
        }
        List<EvidenceFile> files = new ArrayList<>();
        long room = ANSWER_LIMIT;
        for (StoredObject object : bySize(folder.get())) {
            String name = object.key().substring(folder.get().length());
            boolean fits = object.size() <= room;
            room -= fits ? object.size() : 0;
            files.add(new EvidenceFile(
                    name,
                    fits
                            ? new String(store.readAll(object.key()), UTF_8)
                            : "too large to be shown here: %d bytes at %s\n"
                                    .formatted(object.size(), store.addressOf(object.key()))));
        }
        return files;
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

    private List<StoredObject> bySize(String folder) {
        return store.list(folder).stream()
                .sorted(Comparator.comparingLong(StoredObject::size).thenComparing(StoredObject::key))
                .toList();
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

    private static String folder(String run, Instant startedAt, String runId) {
        return BucketLayout.evidence(run) + START.format(startedAt) + "_" + runId + "/";
    }
}
