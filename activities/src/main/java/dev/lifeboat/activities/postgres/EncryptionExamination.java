package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.DataKeys;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.PublicKey;
import dev.lifeboat.workflows.contract.doctor.Examinations;
import dev.lifeboat.workflows.contract.doctor.Examinations.Seen;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether this host can encrypt what it backs up, and decrypt it on the day. Nothing where encryption is not configured. */
final class EncryptionExamination {

    private final ClusterAccess access;
    private final Examinations found;

    EncryptionExamination(ClusterAccess access, Examinations found) {
        this.access = access;
        this.found = found;
    }

    void run() {
        access.store().encryption().ifPresent(keys -> {
            boolean known = found.examine("recipients", "every public key can be read", () -> recipients(keys));
            found.examineIf(
                    known,
                    "the recipients are not known",
                    "identity",
                    "a private key of one of the recipients",
                    () -> identity(keys));
        });
    }

    private static Seen recipients(DataKeys keys) {
        List<PublicKey> recipients = keys.recipients();
        if (recipients.isEmpty()) {
            return new Seen(
                    "none: new backups are not encrypted",
                    true,
                    "name a .pub file in bucket.encryption.recipients, or know that you want it so");
        }
        return new Seen(ids(recipients), true, "");
    }

    private static Seen identity(DataKeys keys) {
        Optional<PrivateKey> identity = keys.identity();
        if (identity.isEmpty()) {
            return Seen.nothing(
                    "none: this host backs up, and a recovery needs a worker with bucket.encryption.identity");
        }
        PublicKey own = identity.get().publicKey();
        List<PublicKey> recipients = keys.recipients();
        return new Seen(
                own + (recipients.contains(own) ? ", a recipient" : ", which is not among the recipients"),
                recipients.isEmpty() || recipients.contains(own),
                "what is backed up now cannot be restored here: add its .pub file to bucket.encryption.recipients, or name the private key of one of "
                        + ids(recipients));
    }

    private static String ids(List<PublicKey> keys) {
        return keys.stream().map(PublicKey::id).collect(Collectors.joining(", "));
    }
}
