package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.PinOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Pinned;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The backups of one cluster that a person told retention to leave alone: an object each, whose name alone counts. */
record Pins(ObjectStore store, String cluster) {

    private static final String SUFFIX = ".json";

    /** What the object says, for people. */
    private record Pin(int format, String backup, String kind, Instant pinnedAt, String pinnedBy) {}

    /** @param expiringSince null while it is a backup */
    private record Found(String kind, @Nullable Instant expiringSince) {}

    /** The ids of the pinned ones. */
    Set<String> backups() {
        String folder = BucketLayout.pins(cluster);
        Set<String> ids = new TreeSet<>();
        for (ObjectStore.StoredObject object : store.list(folder)) {
            String name = object.key().substring(folder.length());
            if (name.endsWith(SUFFIX)) {
                ids.add(name.substring(0, name.length() - SUFFIX.length()));
            }
        }
        return ids;
    }

    Pinned apply(PinOrder order) {
        Boolean wanted = order.pinned();
        boolean before = backups().contains(order.backup());
        Optional<Found> found = find(order.backup()).filter(each -> each.expiringSince() == null);
        // A pin may outlive its backup, and can be taken away then.
        boolean isPinAlone = before && !Boolean.TRUE.equals(wanted);
        if (found.isEmpty() && !isPinAlone) {
            throw unknown(order.backup());
        }
        String kind = found.map(Found::kind).orElse(null);
        if (wanted == null || wanted == before) {
            return new Pinned(cluster, order.backup(), kind, before, false);
        }
        String key = BucketLayout.pin(cluster, order.backup());
        if (!wanted) {
            store.delete(key);
            return new Pinned(cluster, order.backup(), kind, false, true);
        }
        store.putIfAbsent(
                key, Json.write(new Pin(1, order.backup(), String.valueOf(kind), Instant.now(), order.who())));
        // Retention marks first and looks for pins then: one of the two sees the other.
        if (find(order.backup()).filter(each -> each.expiringSince() == null).isEmpty()) {
            store.delete(key);
            throw unknown(order.backup());
        }
        return new Pinned(cluster, order.backup(), kind, true, true);
    }

    /** By what is there, so that no key is ever made of what somebody typed. */
    private Optional<Found> find(String id) {
        BaseBackupCatalog backups = new BaseBackupCatalog(store, cluster);
        for (String systemId : backups.systemIds()) {
            if (store.listFolders(BucketLayout.baseBackups(cluster, systemId)).contains(id)) {
                Optional<Found> found =
                        backups.find(systemId, id).map(manifest -> new Found("base-backup", manifest.expiringSince()));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        boolean isDump = store.list(BucketLayout.dumps(cluster)).stream()
                .anyMatch(object -> object.key().equals(BucketLayout.dumpManifest(cluster, id)));
        return isDump
                ? new DumpCatalog(store, cluster).find(id).map(manifest -> new Found("dump", manifest.expiringSince()))
                : Optional.empty();
    }

    private RecoveryFailure unknown(String id) {
        return new RecoveryFailure(
                FailureCode.UNKNOWN_BACKUP,
                "cannot find the backup %s of %s: the bucket holds neither a base backup nor a dump of this name"
                        .formatted(id, cluster),
                "'lifeboat backups %s' lists what exists".formatted(cluster));
    }
}
