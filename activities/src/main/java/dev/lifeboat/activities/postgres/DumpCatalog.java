package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The finished dumps of one cluster, as their manifests in the bucket tell. */
record DumpCatalog(ObjectStore store, String cluster) {

    private static final String MANIFEST = ".manifest.json";

    /** The manifests of the finished ones, oldest first; one that is on its way out is none. */
    List<DumpManifest> manifests(Consumer<UnusableBackup> unreadable) {
        String folder = BucketLayout.dumps(cluster);
        return store.list(folder).stream()
                .map(StoredObject::key)
                .filter(key -> key.endsWith(MANIFEST) && key.indexOf('/', folder.length()) < 0)
                .map(key -> key.substring(folder.length(), key.length() - MANIFEST.length()))
                .flatMap(id -> readable(id, unreadable))
                .filter(manifest -> manifest.expiringSince() == null)
                .sorted(Comparator.comparing(DumpManifest::startedAt).thenComparing(DumpManifest::id))
                .toList();
    }

    /** The names of the finished ones of this database, oldest first; no manifest is read for that. */
    List<String> idsOf(String database) {
        String folder = BucketLayout.dumps(cluster);
        return store.list(folder + DumpId.prefix(database)).stream()
                .map(StoredObject::key)
                .filter(key -> key.endsWith(MANIFEST))
                .map(key -> key.substring(folder.length(), key.length() - MANIFEST.length()))
                .filter(id -> DumpId.isOf(id, database))
                .sorted()
                .toList();
    }

    /** The manifests of these that can be read and are not on their way out, in the same order. */
    List<DumpManifest> manifests(List<String> ids) {
        return ids.stream()
                .flatMap(id -> readable(id, unreadable -> {}))
                .filter(manifest -> manifest.expiringSince() == null)
                .toList();
    }

    /** The newest finished one of each database that has any, in the order of their names. */
    List<DumpManifest> newest() {
        String folder = BucketLayout.dumps(cluster);
        Map<String, String> ids = new TreeMap<>();
        store.list(folder).stream()
                .map(StoredObject::key)
                .filter(key -> key.endsWith(MANIFEST) && key.indexOf('/', folder.length()) < 0)
                .map(key -> key.substring(folder.length(), key.length() - MANIFEST.length()))
                .sorted()
                .forEach(id -> DumpId.database(id).ifPresent(database -> ids.put(database, id)));
        return manifests(List.copyOf(ids.values()));
    }

    /** When runs last restored these dumps and found them good; those that none has are not in it. */
    Map<String, Instant> provedAt() {
        String folder = BucketLayout.dumps(cluster) + "proofs/";
        Map<String, String> newest = new TreeMap<>();
        store.list(folder).stream().map(StoredObject::key).forEach(key -> {
            int end = key.indexOf('/', folder.length());
            if (end > 0) {
                newest.merge(
                        key.substring(folder.length(), end),
                        key,
                        (one, other) -> one.compareTo(other) > 0 ? one : other);
            }
        });
        Map<String, Instant> proved = new TreeMap<>();
        newest.forEach((id, key) -> proved.put(
                id,
                Json.read(store.readAll(key), Proof.class, store.addressOf(key)).provedAt()));
        return proved;
    }

    /** Of the dumps that a run restored and did not find good, and that none has proved since: what it saw. */
    Map<String, DumpDoubts.Doubt> doubts() {
        return new DumpDoubts(store, cluster).standing();
    }

    /** What this side reads of a proof. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Proof(Instant provedAt) {}

    private Stream<DumpManifest> readable(String id, Consumer<UnusableBackup> unreadable) {
        try {
            return find(id).stream();
        } catch (RecoveryFailure e) {
            if (e.code() != FailureCode.UNEXPECTED_STATE) {
                throw e;
            }
            // One that nobody can read must not hide the others.
            unreadable.accept(new UnusableBackup(id, String.valueOf(e.getMessage())));
            return Stream.empty();
        }
    }

    /**
     * Empty when there is no manifest of this name. Finds one that is on its way out, too.
     *
     * @throws RecoveryFailure UNEXPECTED_STATE when there is one that cannot be understood
     */
    Optional<DumpManifest> find(String dumpId) {
        String key = BucketLayout.dumpManifest(cluster, dumpId);
        try {
            DumpManifest found = Json.read(store.readAll(key), DumpManifest.class, store.addressOf(key));
            if (!found.isOf(cluster, dumpId)) {
                throw new RecoveryFailure(
                        FailureCode.UNEXPECTED_STATE,
                        "cannot use %s: it does not describe the dump %s of %s"
                                .formatted(store.addressOf(key), dumpId, cluster),
                        "look at the object; if someone changed it by hand, restore its earlier version");
            }
            return Optional.of(found);
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.OBJECT_MISSING) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** @throws RecoveryFailure UNKNOWN_BACKUP when there is no finished dump of this name */
    DumpManifest read(String dumpId) {
        return find(dumpId)
                .filter(manifest -> manifest.expiringSince() == null)
                .orElseThrow(() -> new RecoveryFailure(
                        FailureCode.UNKNOWN_BACKUP,
                        "cannot find the dump %s of %s: %s has no manifest of it"
                                .formatted(dumpId, cluster, store.addressOf(BucketLayout.dumps(cluster))),
                        "'lifeboat backups %s' lists what exists".formatted(cluster)));
    }
}
