package dev.lifeboat.lab.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStoreContract;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE))
                    .satisfies(failure -> assertThat(failure.hint()).contains("create the bucket"));
            assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> elsewhere.head("a"));
            assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> elsewhere.list(""));
            assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> elsewhere.putIfAbsent("a", text("x")));
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
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE))
                    .satisfies(failure -> assertThat(failure.hint()).contains("bucket.secret-key"));
        }
    }
}
