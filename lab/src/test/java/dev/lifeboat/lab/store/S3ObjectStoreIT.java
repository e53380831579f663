package dev.lifeboat.lab.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStoreContract;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.config.LifeboatConfig.Bucket;
import dev.lifeboat.config.SecretRef;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

class S3ObjectStoreIT extends ObjectStoreContract {

    private static final String BUCKET = "lifeboat-contract";

    private static S3Engine engine;

    private String prefix;
    private S3ObjectStore store;

    @BeforeAll
    static void startTheServer(@TempDir Path folder) {
        engine = S3Engine.startIn(folder.resolve("s3"));
        engine.createBucket(BUCKET);
    }

    @AfterAll
    static void stopTheServer() {
        engine.close();
    }

    @BeforeEach
    void openAnEmptyPrefix() {
        prefix = "platform/" + UUID.randomUUID();
        store = new S3ObjectStore(engine.bucket(BUCKET, prefix), engine.environment());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Test
    void aBucketThatKeepsNoVersionsHasNoEarlierOnesAndThatIsNoError() {
        try (S3Client behind = engine.client()) {
            behind.createBucket(create -> create.bucket("lifeboat-unversioned"));
        }
        try (S3ObjectStore plain =
                new S3ObjectStore(engine.bucket("lifeboat-unversioned", prefix), engine.environment())) {
            plain.put("a", text("first"));
            plain.put("a", text("second"));

            assertThat(plain.earlierVersions("a")).isEmpty();
            plain.delete("a");
            assertThat(plain.earlierVersions("a")).isEmpty();
        }
    }

    @Test
    void keysLieBelowThePrefixAndAddressesNameThemWhole() {
        store.put("evidence/report.json", text("{}"));

        assertThat(store.addressOf("evidence/report.json"))
                .isEqualTo("s3://%s/%s/evidence/report.json".formatted(BUCKET, prefix));
        try (S3Client behind = engine.client()) {
            assertThat(behind.headObject(head -> head.bucket(BUCKET).key(prefix + "/evidence/report.json"))
                            .contentLength())
                    .isEqualTo(2);
        }
    }

    @Test
    void anUploadThatIsGivenUpLeavesNoPartsBehind() throws IOException {
        try (Upload upload = store.upload("given-up")) {
            upload.write(random(40 * 1024 * 1024));
            assertThat(unfinishedUploads("given-up")).isEqualTo(1);
        }

        assertThat(unfinishedUploads("given-up")).isZero();
    }

    @Test
    void whatAKilledProcessHadUploadedIsGoneFromTheBucket() throws IOException {
        try (Upload abandoned = store.upload("base/killed")) {
            abandoned.write(random(40 * 1024 * 1024));
            assertThat(unfinishedUploads("base/killed")).isEqualTo(1);

            store.discardUploads("base/killed");

            assertThat(unfinishedUploads("base/killed")).isZero();
        }
    }

    /** By the whole key, since MinIO finds them in no other way. */
    private int unfinishedUploads(String key) {
        try (S3Client behind = engine.client()) {
            return behind.listMultipartUploads(list -> list.bucket(BUCKET).prefix(prefix + "/" + key))
                    .uploads()
                    .size();
        }
    }

    @Test
    void anOutageIsUnreachableAndEndsWhenTheStoreIsBack() {
        store.put("kept", text("x"));

        engine.stop();
        try {
            assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.readAll("kept"));
            assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.head("nothing"));
            assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.list(""));
            assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.putIfAbsent("lease", text("ana")));
        } finally {
            engine.start();
        }

        assertThat(store.readAll("kept")).isEqualTo(text("x"));
        assertThat(store.head("lease")).isEmpty();
    }

    @Test
    void aMissingBucketIsNeverAMissingObject() {
        try (S3ObjectStore elsewhere =
                new S3ObjectStore(engine.bucket("lifeboat-nobody-made-it", ""), engine.environment())) {
            assertThatExceptionOfType(RecoveryFailure.class)
                    .isThrownBy(() -> elsewhere.readAll("a"))
                    .withMessage(
                            "cannot read s3://lifeboat-nobody-made-it/a: asked the store at %s, and it is up but has no"
                                    + " bucket 'lifeboat-nobody-made-it'",
                            engine.endpoint())
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.BUCKET_UNUSABLE))
                    .satisfies(failure -> assertThat(failure.hint()).contains("create the bucket"));
            assertFails(FailureCode.BUCKET_UNUSABLE, () -> elsewhere.head("a"));
            assertFails(FailureCode.BUCKET_UNUSABLE, () -> elsewhere.list(""));
            assertFails(FailureCode.BUCKET_UNUSABLE, () -> elsewhere.putIfAbsent("a", text("x")));
        }
    }

    @Test
    void wrongCredentialsAreARefusalThatSaysSo() {
        Map<String, String> wrong = Map.of(
                S3Engine.ACCESS_KEY_VARIABLE, engine.accessKey(), S3Engine.SECRET_KEY_VARIABLE, "not-the-secret");
        try (S3ObjectStore stranger = new S3ObjectStore(engine.bucket(BUCKET, prefix), wrong)) {
            assertThatExceptionOfType(RecoveryFailure.class)
                    .isThrownBy(() -> stranger.readAll("a"))
                    .withMessageContaining("it answered 403")
                    .withMessageNotContaining("not-the-secret")
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.CREDENTIALS_REFUSED))
                    .satisfies(failure -> assertThat(failure.hint()).contains("bucket.secret-key"));
            assertFails(FailureCode.CREDENTIALS_REFUSED, () -> stranger.head("a"));
            assertFails(FailureCode.CREDENTIALS_REFUSED, () -> stranger.list(""));
            assertFails(FailureCode.CREDENTIALS_REFUSED, () -> stranger.putIfAbsent("a", text("x")));
            assertFails(FailureCode.CREDENTIALS_REFUSED, stranger::clock);
        }
    }

    /** A worker that runs for months need not be started again because a key was rotated. */
    @Test
    void aKeyThatIsRenewedInItsFileIsUsedAtOnce(@TempDir Path secrets) throws IOException {
        Path secret = Files.writeString(secrets.resolve("secret"), "an-old-one");
        Bucket direct = engine.bucket(BUCKET, prefix);
        Bucket bucket = new Bucket(
                direct.name(),
                direct.prefix(),
                direct.endpoint(),
                direct.region(),
                direct.accessKey(),
                new SecretRef("file:" + secret, secrets));
        try (S3ObjectStore rotating = new S3ObjectStore(bucket, engine.environment())) {
            assertFails(FailureCode.CREDENTIALS_REFUSED, () -> rotating.put("a", text("x")));

            Files.writeString(secret, engine.secretKey() + "\n");

            rotating.put("a", text("x"));
            Files.delete(secret);
            assertThat(rotating.readAll("a")).isEqualTo(text("x"));
        }
    }

    /** What is still JSON may be another manifest. */
    @Test
    void anObjectWhoseBytesAreNotThoseThatWereWrittenIsNotTaken() {
        store.put("manifest.json", text("{\"lsn\": 1}"));
        Map<String, String> written;
        try (S3Client behind = engine.client()) {
            String key = prefix + "/manifest.json";
            written = behind.headObject(head -> head.bucket(BUCKET).key(key)).metadata();
            behind.putObject(
                    put -> put.bucket(BUCKET).key(key).metadata(written), RequestBody.fromString("{\"lsn\": 2}"));
        }

        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> store.readAll("manifest.json"))
                .withMessageStartingWith("cannot trust " + store.addressOf("manifest.json"))
                .withMessageContaining(written.get("sha256"))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.UNEXPECTED_STATE));
    }
}
