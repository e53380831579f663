package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The finished base backups of one cluster, as their manifests in the bucket tell. */
record BaseBackupCatalog(ObjectStore store, String cluster) {

    /** Every system identifier that this cluster had, in no meaningful order. */
    List<String> systemIds() {
        return store.listFolders(BucketLayout.baseBackups(cluster));
    }

    /** The finished ones, oldest first. */
    List<BaseBackup> backups(String systemId) {
        return manifests(systemId).stream().map(BaseBackupManifest::toBackup).toList();
    }

    /** The manifests of the finished ones, oldest first. */
    List<BaseBackupManifest> manifests(String systemId) {
        return store.listFolders(BucketLayout.baseBackups(cluster, systemId)).stream()
                .flatMap(id -> find(systemId, id).stream())
                .sorted(Comparator.comparing(BaseBackupManifest::startedAt))
                .toList();
    }

    /** The newest backup of any system identifier: whose cluster this was, when its control file is gone. */
    Optional<BaseBackup> newest() {
        return systemIds().stream()
                .flatMap(systemId -> backups(systemId).stream())
                .max(Comparator.comparing(BaseBackup::startedAt));
    }

    /** Empty when there is no finished backup of this name. */
    Optional<BaseBackupManifest> find(String systemId, String backupId) {
        String key = BucketLayout.baseBackupManifest(cluster, systemId, backupId);
        try {
            return Optional.of(Json.read(store.readAll(key), BaseBackupManifest.class, store.addressOf(key)));
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.OBJECT_MISSING) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** When a run last restored this backup and found it good; empty while none has. */
    Optional<Instant> provedAt(String systemId, String backupId) {
        return store.list(BucketLayout.baseBackupProofs(cluster, systemId, backupId)).stream()
                .map(ObjectStore.StoredObject::key)
                .max(Comparator.naturalOrder())
                .map(key -> Json.read(store.readAll(key), Proof.class, store.addressOf(key))
                        .provedAt());
    }

    /** What this side reads of a proof. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Proof(Instant provedAt) {}

    /** @throws RecoveryFailure UNKNOWN_BACKUP when there is no finished backup of this name */
    BaseBackupManifest read(String systemId, String backupId) {
        return find(systemId, backupId)
                .orElseThrow(() -> new RecoveryFailure(
                        FailureCode.UNKNOWN_BACKUP,
                        "cannot find base backup %s of %s: %s has no manifest of it"
                                .formatted(
                                        backupId,
                                        cluster,
                                        store.addressOf(BucketLayout.baseBackups(cluster, systemId))),
                        "'lifeboat backups %s' lists what exists".formatted(cluster)));
    }

    String chunkKey(BaseBackupManifest manifest, Chunk chunk) {
        return BucketLayout.chunk(cluster, manifest.systemId(), manifest.id(), chunk.number());
    }
}
