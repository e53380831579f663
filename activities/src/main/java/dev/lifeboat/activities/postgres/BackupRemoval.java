package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.Deletion;
import dev.lifeboat.activities.store.ObjectStore.Refusal;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Takes marked backups out of the bucket: first their data, then what proves them, last the manifest. So whatever is left at
 * any moment is marked, and the next one who comes goes on.
 */
final class BackupRemoval {

    private final ObjectStore store;
    private final String cluster;
    private int asVersions;

    BackupRemoval(ObjectStore store, String cluster) {
        this.store = store;
        this.cluster = cluster;
    }

    /** How many objects the bucket goes on keeping as earlier versions. */
    int asVersions() {
        return asVersions;
    }

    /** @return what the bucket did not let go; the backup's manifest then stays, with its mark */
    List<Refusal> baseBackup(String manifest) {
        String folder = manifest.substring(0, manifest.lastIndexOf('/') + 1);
        List<String> proofs = new ArrayList<>();
        List<String> data = new ArrayList<>();
        for (StoredObject object : store.list(folder)) {
            if (object.key().startsWith(folder + "proofs/")) {
                proofs.add(object.key());
            } else if (!object.key().equals(manifest)) {
                data.add(object.key());
            }
        }
        return inOrder(List.of(data, proofs, List.of(manifest)));
    }

    /** The same of a dump, in whose folder others lie too. */
    List<Refusal> dump(String id, String manifest) {
        String archive = BucketLayout.dump(cluster, id);
        String globals = BucketLayout.dumpGlobals(cluster, id);
        Set<String> own = Set.of(archive, archive + ".enc", globals, globals + ".enc");
        List<String> data = store.list(BucketLayout.dumps(cluster) + id + ".").stream()
                .map(StoredObject::key)
                .filter(own::contains)
                .toList();
        List<String> proofs = Stream.of(BucketLayout.dumpProofs(cluster, id), BucketLayout.dumpDoubts(cluster, id))
                .flatMap(folder -> store.list(folder).stream())
                .map(StoredObject::key)
                .toList();
        return inOrder(List.of(data, proofs, List.of(manifest)));
    }

    /** @return what the bucket did not let go */
    List<Refusal> objects(List<String> keys) {
        return keys.isEmpty() ? List.of() : delete(keys);
    }

    private List<Refusal> inOrder(List<List<String>> groups) {
        for (List<String> group : groups) {
            List<Refusal> refused = objects(group);
            if (!refused.isEmpty()) {
                return refused;
            }
        }
        return List.of();
    }

    private List<Refusal> delete(List<String> keys) {
        Deletion deletion = store.deleteAll(keys);
        asVersions += deletion.asVersions();
        Transcript.note("deleted %s, %s to %s%s"
                .formatted(
                        ReportWords.count(keys.size() - deletion.refused().size(), "object", "objects"),
                        keys.get(0),
                        keys.get(keys.size() - 1),
                        deletion.refused().isEmpty() ? "" : "; the bucket kept " + deletion.refused()));
        return deletion.refused();
    }
}
