package dev.lifeboat.lab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3EngineIT {

    private static final String BUCKET = "versions";

    @Test
    void anOutageChangesNeitherTheAddressNorTheObjectsNorTheirVersions(@TempDir Path folder) {
        try (S3Engine engine = S3Engine.startIn(folder.resolve("s3"));
                S3Client client = engine.client()) {
            engine.createBucket(BUCKET);
            String address = engine.endpoint();
            List<String> versions = new ArrayList<>();
            versions.add(put(client, "first"));
            versions.add(put(client, "second"));

            engine.stop();
            assertThatThrownBy(() -> get(client, null)).isInstanceOf(SdkClientException.class);
            engine.start();
            versions.add(put(client, "third"));
            engine.createBucket(BUCKET);

            assertThat(engine.endpoint()).isEqualTo(address);
            assertThat(versions).doesNotHaveDuplicates();
            assertThat(versions.stream().map(version -> get(client, version)))
                    .containsExactly("first", "second", "third");
            assertThat(get(client, null)).isEqualTo("third");
        }
    }

    @Test
    void whoHasAnotherSecretIsRefused(@TempDir Path folder) {
        try (S3Engine engine = S3Engine.startIn(folder.resolve("s3"));
                S3Engine other = S3Engine.startIn(folder.resolve("other"))) {
            assertThat(engine.secretKey()).isNotEqualTo(other.secretKey());
            try (S3Client client = S3Client.builder()
                    .endpointOverride(URI.create(engine.endpoint()))
                    .forcePathStyle(true)
                    .region(Region.of(S3Engine.REGION))
                    .credentialsProvider(StaticCredentialsProvider.create(
                            AwsBasicCredentials.create(engine.accessKey(), other.secretKey())))
                    .build()) {
                assertThatThrownBy(client::listBuckets)
                        .isInstanceOfSatisfying(S3Exception.class, refusal -> assertThat(refusal.statusCode())
                                .isEqualTo(403));
            }
        }
    }

    private static String put(S3Client client, String text) {
        return client.putObject(put -> put.bucket(BUCKET).key("a"), RequestBody.fromString(text))
                .versionId();
    }

    private static String get(S3Client client, @Nullable String version) {
        return client.getObjectAsBytes(get -> get.bucket(BUCKET).key("a").versionId(version))
                .asUtf8String();
    }
}
