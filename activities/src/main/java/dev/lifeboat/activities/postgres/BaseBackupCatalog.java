package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

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

    /** The manifests of the finished ones, oldest first. One that nobody can read must not hide the others. */
    List<BaseBackupManifest> manifests(String systemId) {
        return manifests(systemId, unreadable -> {});
    }

    /**
     * One that is on its way out is none.
     *
     * @param unreadable is told of those whose manifest is there and cannot be understood
     */
    List<BaseBackupManifest> manifests(String systemId, Consumer<UnusableBackup> unreadable) {
        return store.listFolders(BucketLayout.baseBackups(cluster, systemId)).stream()
                .flatMap(id -> {
                    try {
                        return find(systemId, id).stream();
                    } catch (RecoveryFailure e) {
                        if (e.code() != FailureCode.UNEXPECTED_STATE) {
                            throw e;
                        }
                        unreadable.accept(new UnusableBackup(id, String.valueOf(e.getMessage())));
                        return Stream.empty();
                    }
                })
                .filter(manifest -> manifest.expiringSince() == null)
                .sorted(Comparator.comparing(BaseBackupManifest::startedAt))
                .toList();
    }

    /** The newest backup of any system identifier: whose cluster this was, when its control file is gone. */
    Optional<BaseBackup> newest() {
        return systemIds().stream()
                .flatMap(systemId -> backups(systemId).stream())
                .max(Comparator.comparing(BaseBackup::startedAt));
    }

    /**
     * Empty when there is no finished backup of this name. Finds one that is on its way out, too.
     *
     * @throws RecoveryFailure UNEXPECTED_STATE when it has a manifest that cannot be understood
     */
    Optional<BaseBackupManifest> find(String systemId, String backupId) {
        String key = BucketLayout.baseBackupManifest(cluster, systemId, backupId);
        try {
            BaseBackupManifest found = Json.read(store.readAll(key), BaseBackupManifest.class, store.addressOf(key));
            if (!found.isOf(systemId, backupId)) {
                throw new RecoveryFailure(
                        FailureCode.UNEXPECTED_STATE,
                        "cannot use %s: it does not describe base backup %s of system %s"
                                .formatted(store.addressOf(key), backupId, systemId),
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
                .filter(manifest -> manifest.expiringSince() == null)
                .orElseThrow(() -> new RecoveryFailure(
                        FailureCode.UNKNOWN_BACKUP,
                        "cannot find base backup %s of %s: %s has no manifest of it"
                                .formatted(
                                        backupId,
                                        cluster,
                                        store.addressOf(BucketLayout.baseBackups(cluster, systemId))),
                        "'lifeboat backups %s' lists what exists".formatted(cluster)));
    }

    /**
     * The segment size of a cluster, which never changes, by any manifest: that of this backup may be lost by now.
     *
     * @throws RecoveryFailure UNKNOWN_BACKUP when no manifest can be read
     */
    WalSegmentSize walSegmentSize(String systemId, String backupId) {
        return manifests(systemId).stream()
                .map(BaseBackupManifest::walSegmentSize)
                .findFirst()
                .orElseGet(() -> read(systemId, backupId).walSegmentSize());
    }

    String chunkKey(BaseBackupManifest manifest, Chunk chunk) {
        return chunk.key(cluster, manifest.systemId(), manifest.id());
    }
}
