package dev.lifeboat.activities.objectstore;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.SecretRef;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * The keys that {@code lifeboat.yaml} refers to, looked up anew for each request: a key that is renewed in its file is used
 * at once, in the middle of a run. While a file cannot be read, as when it is being replaced, the last keys stand.
 */
final class ConfiguredCredentials implements AwsCredentialsProvider {

    private final SecretRef accessKey;
    private final SecretRef secretKey;
    private final Map<String, String> environment;
    private volatile AwsCredentials last;

    /** @throws ConfigException when one of them cannot be read now */
    ConfiguredCredentials(SecretRef accessKey, SecretRef secretKey, Map<String, String> environment) {
        this.accessKey = accessKey;
        this.secretKey = secretKey;
        this.environment = environment;
        this.last = read();
    }

    @Override
    public AwsCredentials resolveCredentials() {
        try {
            last = read();
        } catch (ConfigException e) {
            // The store says what it thinks of the last ones.
        }
        return last;
    }

    private AwsCredentials read() {
        return AwsBasicCredentials.create(accessKey.resolve(environment), secretKey.resolve(environment));
    }
}
