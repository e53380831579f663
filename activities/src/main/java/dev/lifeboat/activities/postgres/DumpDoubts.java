package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Dump;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Notes beside a dump's manifest of the runs that restored it and did not find it good. A later proof outweighs them: the
 * object may have been mended, or the host. Who is about to rely on the dump has to hear of them.
 */
record DumpDoubts(ObjectStore store, String cluster) {

    private static final int FORMAT = 1;
    private static final int NAMED = 3;
    private static final int LONGEST = 400;

    /**
     * @param run with its run id; its report has the whole of it
     * @param why the red checks, with what they saw
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Doubt(int format, String dump, String database, String run, Instant seenAt, String why) {

        String words() {
            return "on %s %s saw: %s".formatted(seenAt, run, why);
        }
    }

    /** Once for each run; nothing where no check is red, and where the dump is gone. */
    void write(Dump dump, String run, String runId, Instant seenAt, List<Check> checks) {
        String why = checks.stream()
                .filter(check -> check.verdict() == Verdict.FAIL)
                .limit(NAMED)
                .map(check -> "%s: %s".formatted(check.name(), check.observed()))
                .collect(Collectors.joining("; "));
        boolean noted = store.list(BucketLayout.dumpDoubts(cluster, dump.id())).stream()
                .anyMatch(object -> object.key().endsWith("_" + runId + ".json"));
        if (why.isEmpty()
                || noted
                || store.head(BucketLayout.dumpManifest(cluster, dump.id())).isEmpty()) {
            return;
        }
        store.putIfAbsent(
                BucketLayout.dumpDoubt(cluster, dump.id(), seenAt, runId),
                Json.write(new Doubt(
                        FORMAT,
                        dump.id(),
                        dump.database(),
                        run,
                        seenAt,
                        why.substring(0, Math.min(LONGEST, why.length())))));
    }

    /** The newest doubt of each dump that no later run has proved, by the dump's ID. */
    Map<String, Doubt> standing() {
        Map<String, String> doubts = newest(BucketLayout.dumps(cluster) + "doubts/");
        if (doubts.isEmpty()) {
            return Map.of();
        }
        Map<String, String> proofs = newest(BucketLayout.dumps(cluster) + "proofs/");
        Map<String, Doubt> standing = new TreeMap<>();
        doubts.forEach((id, key) -> {
            String proof = proofs.get(id);
            if (proof == null || time(proof).compareTo(time(key)) < 0) {
                standing.put(id, read(id, key));
            }
        });
        return Map.copyOf(standing);
    }

    /** By dump; the names sort by time. */
    private Map<String, String> newest(String folder) {
        Map<String, String> newest = new TreeMap<>();
        store.list(folder).stream().map(StoredObject::key).sorted().forEach(key -> {
            int end = key.indexOf('/', folder.length());
            if (end > 0) {
                newest.put(key.substring(folder.length(), end), key);
            }
        });
        return newest;
    }

    private static String time(String key) {
        String name = key.substring(key.lastIndexOf('/') + 1);
        return name.substring(0, Math.max(0, name.indexOf('_')));
    }

    /** One that nobody can read is a doubt all the same, and keeps nobody from restoring. */
    private Doubt read(String id, String key) {
        try {
            return Json.read(store.readAll(key), Doubt.class, store.addressOf(key));
        } catch (RecoveryFailure e) {
            if (e.code() != FailureCode.UNEXPECTED_STATE) {
                throw e;
            }
            return new Doubt(
                    FORMAT,
                    id,
                    DumpId.database(id).orElse(""),
                    "a run",
                    Instant.EPOCH,
                    "something that cannot be read: " + e.getMessage());
        }
    }
}
