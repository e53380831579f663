package dev.lifeboat.lab.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.activities.store.Rewrap;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.activities.store.Upload.Uploaded;
import dev.lifeboat.config.LifeboatConfig.Bucket;
import dev.lifeboat.config.LifeboatConfig.Encryption;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.SecretRef;
import dev.lifeboat.lab.engine.FaultyProxy;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

/** Encrypted objects in a real store, written in one piece and in parts, and their headers written anew there. */
class EncryptedObjectsIT {

    private static final String BUCKET = "lifeboat-encrypted";
    private static final String KEY = "postgres/daily/main/shop.dump.zst.enc";

    private static S3Engine engine;

    @TempDir
    private Path folder;

    private PrivateKey.Pair old;
    private PrivateKey.Pair fresh;
    private String prefix;

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
    void makeKeys() {
        prefix = "platform/" + UUID.randomUUID();
        old = PrivateKey.generate(folder.resolve("old"));
        fresh = PrivateKey.generate(folder.resolve("fresh"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1 << 20, (5 << 20) - 4112, (40 << 20) + 7})
    void anObjectIsReadAsItWasWrittenAlsoForOneMoreRecipient(int size) throws IOException {
        byte[] plain = random(size);
        Uploaded stored;
        try (S3ObjectStore store = open(List.of(old), old)) {
            stored = upload(store, plain);
            assertThat(read(store, stored.sha256())).isEqualTo(plain);

            assertThat(new Rewrap(store, fresh.publicKey()).rewrap(KEY, true)).isTrue();
            assertThat(new Rewrap(store, fresh.publicKey()).rewrap(KEY, true)).isFalse();

            assertThat(store.head(KEY).orElseThrow().size()).isEqualTo(stored.size());
            assertThat(read(store, stored.sha256())).isEqualTo(plain);
            assertThat(DataObjects.of(store).readBack(KEY, read -> {})).isEqualTo(stored);
        }
        try (S3ObjectStore store = open(List.of(fresh), fresh)) {
            assertThat(read(store, stored.sha256())).isEqualTo(plain);
        }
        assertThat(unfinishedUploads()).isZero();
    }

    @Test
    void aHeaderThatCannotBeWrittenLeavesTheObjectAsItWas() throws IOException {
        byte[] plain = random(12 << 20);
        try (S3ObjectStore store = open(List.of(old), old)) {
            Uploaded stored = upload(store, plain);

            // Somebody else is always a little faster.
            AtomicInteger others = new AtomicInteger();
            assertThatThrownBy(() -> store.rewriteHead(KEY, 4096, head -> {
                        PrivateKey.Pair other = PrivateKey.generate(folder.resolve("k" + others.incrementAndGet()));
                        new Rewrap(store, other.publicKey()).rewrap(KEY, true);
                        return Optional.of(new byte[4096]);
                    }))
                    .isInstanceOfSatisfying(RecoveryFailure.class, told -> assertThat(told.code())
                            .isEqualTo(FailureCode.OBJECT_CHANGED));

            assertThat(read(store, stored.sha256())).isEqualTo(plain);
            assertThat(store.rewriteHead("nobody.enc", 4096, head -> Optional.of(head)))
                    .isFalse();
        }
        assertThat(unfinishedUploads()).isZero();
    }

    /** In one piece, and in parts that the store puts together. */
    @ParameterizedTest
    @CsvSource({"1000, PUT, shop", "12582912, POST, uploadId="})
    void whatIsWrittenBetweenReadingAndWritingAHeaderIsNotWrittenOver(int size, String verb, String part)
            throws IOException {
        byte[] newer = random(size + 1);
        try (FaultyProxy proxy = FaultyProxy.before(engine.endpoint());
                S3ObjectStore direct = open(List.of(old), old);
                S3ObjectStore store = open(engine.bucket(BUCKET, prefix, proxy.endpoint()), List.of(old), old)) {
            upload(direct, random(size));
            CompletableFuture<Void> between = proxy.onRequest(
                    line -> line.startsWith(verb + " ") && line.contains(part), 1, () -> rewrite(direct, newer));

            assertThat(new Rewrap(store, fresh.publicKey()).rewrap(KEY, true)).isTrue();

            assertThat(between).isCompleted();
            assertThat(read(direct, null)).isEqualTo(newer);
        }
        try (S3ObjectStore store = open(List.of(fresh), fresh)) {
            assertThat(read(store, null)).isEqualTo(newer);
        }
        assertThat(unfinishedUploads()).isZero();
    }

    @Test
    void whoHasAnotherKeyOrNoneIsToldSoBeforeTheFirstByte() throws IOException {
        try (S3ObjectStore store = open(List.of(old), null)) {
            upload(store, random(100));
            assertThat(code(store)).isEqualTo(FailureCode.IDENTITY_MISSING);
        }
        try (S3ObjectStore store = open(List.of(old), fresh)) {
            assertThat(code(store)).isEqualTo(FailureCode.WRONG_KEY);
        }
    }

    private FailureCode code(S3ObjectStore store) {
        try (InputStream in = DataObjects.of(store).read(KEY, null)) {
            throw new AssertionError("it was opened, and gives " + in.read());
        } catch (RecoveryFailure e) {
            return e.code();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Uploaded upload(S3ObjectStore store, byte[] plain) throws IOException {
        try (Upload upload = DataObjects.of(store).upload(KEY)) {
            upload.write(plain);
            return upload.complete();
        }
    }

    private static void rewrite(S3ObjectStore store, byte[] plain) {
        try {
            upload(store, plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(S3ObjectStore store, String sha256) throws IOException {
        try (InputStream in = DataObjects.of(store).read(KEY, sha256)) {
            return in.readAllBytes();
        }
    }

    private S3ObjectStore open(List<PrivateKey.Pair> recipients, PrivateKey.Pair identity) {
        return open(engine.bucket(BUCKET, prefix), recipients, identity);
    }

    private S3ObjectStore open(Bucket plain, List<PrivateKey.Pair> recipients, PrivateKey.Pair identity) {
        Encryption encryption = new Encryption(
                recipients.stream().map(PrivateKey.Pair::publicFile).toList(),
                identity == null ? null : new SecretRef("file:" + identity.privateFile(), folder));
        return new S3ObjectStore(
                new Bucket(
                        plain.name(),
                        plain.prefix(),
                        plain.endpoint(),
                        plain.region(),
                        plain.accessKey(),
                        plain.secretKey(),
                        encryption),
                engine.environment());
    }

    private int unfinishedUploads() {
        try (S3Client client = engine.client()) {
            return client.listMultipartUploads(list -> list.bucket(BUCKET).prefix(prefix + "/" + KEY))
                    .uploads()
                    .size();
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
