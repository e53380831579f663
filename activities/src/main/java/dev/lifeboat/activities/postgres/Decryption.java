package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whether this host can decrypt what a recovery would read, found out by headers before anything is touched: a run that
 * notices a missing key when the live server is down is the failure.
 */
final class Decryption {

    private final DataObjects data;
    private final List<RecoveryFailure> unreadable = new ArrayList<>();
    private int readable;

    Decryption(ObjectStore store) {
        this.data = DataObjects.of(store);
    }

    /** @param unusable told of this backup where it is encrypted for others */
    boolean isReadable(BaseBackupManifest manifest, Consumer<UnusableBackup> unusable) {
        Optional<Chunk> first =
                manifest.allChunks().stream().filter(Chunk::encrypted).findFirst();
        Optional<RecoveryFailure> why =
                first.flatMap(chunk -> whyNot(chunk.key(manifest.cluster(), manifest.systemId(), manifest.id())));
        why.ifPresent(failure -> {
            unreadable.add(failure);
            unusable.accept(new UnusableBackup(manifest.id(), String.valueOf(failure.getMessage())));
        });
        readable += why.isPresent() ? 0 : 1;
        return why.isEmpty();
    }

    /** What keeps every recovery from this host: no backup can be decrypted, or the newest WAL cannot. */
    Optional<String> obstacle(WalArchive archive, Optional<String> newestSegment) {
        if (readable == 0 && !unreadable.isEmpty()) {
            return Optional.of(words(unreadable.get(unreadable.size() - 1)));
        }
        return newestSegment.flatMap(archive::whyUnreadable).map(Decryption::words);
    }

    private Optional<RecoveryFailure> whyNot(String key) {
        try {
            data.requireReadable(key);
            return Optional.empty();
        } catch (RecoveryFailure e) {
            // One that is damaged or lost is found by the restore, which then takes another.
            boolean otherwise = DataObjects.isDamage(e) || e.code() == FailureCode.OBJECT_MISSING;
            if (!otherwise && !DataObjects.isUnreadable(e)) {
                throw e;
            }
            return otherwise ? Optional.empty() : Optional.of(e);
        }
    }

    private static String words(RecoveryFailure failure) {
        return failure.code() + ": " + failure.getMessage();
    }
}
