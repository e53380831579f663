package dev.lifeboat.lab.engine;

import dev.lifeboat.config.LifeboatConfig.Bucket;
import dev.lifeboat.config.SecretRef;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/**
 * An S3 server of the lab's own on a free port of the loopback address, with a key pair of its own. Stopping and starting
 * it is an outage: same address, same objects.
 */
public interface S3Engine extends AutoCloseable {

    String REGION = "us-east-1";

    /** The variables that {@link #bucket} refers to. */
    String ACCESS_KEY_VARIABLE = "LAB_S3_ACCESS_KEY";

    String SECRET_KEY_VARIABLE = "LAB_S3_SECRET_KEY";

    /** The one of the system property {@code lifeboat.engine}: s3proxy in this process, or with {@code real} MinIO. */
    static S3Engine startIn(Path folder) {
        return "real".equals(System.getProperty("lifeboat.engine"))
                ? MinioEngine.startIn(folder)
                : S3ProxyEngine.startIn(folder);
    }

    /** {@code http://127.0.0.1:port}, the same after a stop and a start. */
    String endpoint();

    String accessKey();

    String secretKey();

    /** Where the objects lie on disk. */
    Path folder();

    /** Starts it again after a {@link #stop}; nothing happens when it runs. */
    void start();

    /** An outage: from now on connections are refused. Objects stay. */
    void stop();

    /** Ends it for good; the folder stays. */
    @Override
    void close();

    /** Makes a bucket that keeps the versions of its objects; one that is there already is no error. */
    default void createBucket(String name) {
        try (S3Client client = client()) {
            try {
                client.createBucket(create -> create.bucket(name));
            } catch (BucketAlreadyOwnedByYouException e) {
                // That is what was wanted.
            }
            client.putBucketVersioning(versioning ->
                    versioning.bucket(name).versioningConfiguration(on -> on.status(BucketVersioningStatus.ENABLED)));
        }
    }

    /** Removes what the bucket keeps of a key besides its current content; nothing where it keeps nothing. */
    default void forgetVersions(String bucket, String key) {
        try (S3Client client = client()) {
            client.listObjectVersionsPaginator(list -> list.bucket(bucket).prefix(key)).versions().stream()
                    .filter(version -> version.key().equals(key) && !Boolean.TRUE.equals(version.isLatest()))
                    .forEach(version -> client.deleteObject(
                            delete -> delete.bucket(bucket).key(key).versionId(version.versionId())));
        }
    }

    /** A client of its own for tests that look behind Lifeboat's back; to be closed by the caller. */
    default S3Client client() {
        return S3Client.builder()
                .endpointOverride(URI.create(endpoint()))
                .forcePathStyle(true)
                .region(Region.of(REGION))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .httpClientBuilder(Apache5HttpClient.builder().connectionTimeout(Duration.ofSeconds(2)))
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey(), secretKey())))
                .build();
    }

    /** This bucket as {@code lifeboat.yaml} would name it; its secrets are in {@link #environment}. */
    default Bucket bucket(String name, String prefix) {
        return bucket(name, prefix, endpoint());
    }

    /** The same through another address, for example that of a {@link FaultyProxy}. */
    default Bucket bucket(String name, String prefix, String address) {
        return new Bucket(
                name,
                prefix,
                address,
                REGION,
                new SecretRef("env:" + ACCESS_KEY_VARIABLE, folder()),
                new SecretRef("env:" + SECRET_KEY_VARIABLE, folder()));
    }

    default Map<String, String> environment() {
        return Map.of(ACCESS_KEY_VARIABLE, accessKey(), SECRET_KEY_VARIABLE, secretKey());
    }
}
