package dev.lifeboat.activities.store;

import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.PublicKey;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Who may decrypt what is in the bucket already. Only headers are written; a second call finds them right. Killed anywhere,
 * every object is readable: for those of before, or for those of after.
 */
public final class Rewrap {

    private final ObjectStore store;
    private final PrivateKey identity;
    private final List<PublicKey> recipients;
    private final @Nullable PublicKey added;

    /**
     * @param added gets access, and nobody loses it; null where the configured recipients get it and all others lose it
     * @throws RecoveryFailure IDENTITY_MISSING, KEY_FILE_UNUSABLE
     */
    public Rewrap(ObjectStore store, @Nullable PublicKey added) {
        DataKeys keys = store.encryption().orElseThrow(() -> missing("bucket.encryption"));
        this.store = store;
        this.identity = keys.identity().orElseThrow(() -> missing("bucket.encryption.identity"));
        this.recipients = keys.recipients();
        this.added = added;
        if (added == null && recipients.isEmpty()) {
            throw missing("bucket.encryption.recipients");
        }
    }

    /** Whether this worker can read afterwards. */
    public boolean keepsIdentity() {
        return added != null || recipients.contains(identity.publicKey());
    }

    /** Ids of those that get access. */
    public List<String> recipients() {
        return (added == null ? recipients : List.of(added))
                .stream().map(PublicKey::id).toList();
    }

    /**
     * @param apply whether to write; without it only looks
     * @return whether its header is, or would be, written
     * @throws RecoveryFailure as for reading the object
     */
    public boolean rewrap(String key, boolean apply) {
        AtomicBoolean changes = new AtomicBoolean();
        store.rewriteHead(key, SealedHeader.BYTES, head -> {
            Optional<byte[]> other = other(SealedHeader.parse(head, store.addressOf(key)), key);
            changes.set(other.isPresent());
            return other.filter(any -> apply);
        });
        return changes.get();
    }

    private Optional<byte[]> other(SealedHeader header, String key) {
        header.requireName(key);
        PublicKey one = added;
        if (one == null ? header.isFor(recipients) : header.isFor(one)) {
            return Optional.empty();
        }
        byte[] objectKey = header.objectKey(identity);
        return Optional.of(one == null ? header.rewrapped(objectKey, recipients) : header.with(objectKey, one));
    }

    private static RecoveryFailure missing(String what) {
        return new RecoveryFailure(
                FailureCode.IDENTITY_MISSING,
                "cannot rewrap: the worker beside the cluster has no " + what,
                "rewrapping needs the private key: name it in bucket.encryption.identity there and start the worker again");
    }
}
