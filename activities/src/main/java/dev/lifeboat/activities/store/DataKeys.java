package dev.lifeboat.activities.store;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.LifeboatConfig.Encryption;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.PublicKey;
import dev.lifeboat.config.SecretRef;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The keys of {@code bucket.encryption}, read anew each time, so that a changed file needs no new worker. */
public record DataKeys(Encryption configured, Map<String, String> environment) {

    /** Whether new objects are encrypted. */
    boolean encrypts() {
        return !configured.recipients().isEmpty();
    }

    /** @throws RecoveryFailure KEY_FILE_UNUSABLE */
    public List<PublicKey> recipients() {
        return words(() ->
                configured.recipients().stream().map(PublicKey::read).distinct().toList());
    }

    /**
     * Empty on a host that only backs up.
     *
     * @throws RecoveryFailure KEY_FILE_UNUSABLE also where others may read the file
     */
    public Optional<PrivateKey> identity() {
        SecretRef identity = configured.identity();
        return identity == null
                ? Optional.empty()
                : Optional.of(words(() -> PrivateKey.resolve(identity, environment)));
    }

    private static <T> T words(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (ConfigException e) {
            throw new RecoveryFailure(
                    FailureCode.KEY_FILE_UNUSABLE,
                    String.valueOf(e.getMessage()),
                    e.hint() + "; then 'lifeboat retry'",
                    e);
        }
    }
}
