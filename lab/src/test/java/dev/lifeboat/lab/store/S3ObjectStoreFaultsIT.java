package dev.lifeboat.lab.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.Upload;
import dev.lifeboat.lab.engine.FaultyProxy;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store does when the network between it and us misbehaves. */
class S3ObjectStoreFaultsIT {

    private static final String BUCKET = "lifeboat-faults";
    private static final int MANY = Integer.MAX_VALUE;
    private static final byte[] CONTENT = random(6_000_000);

    private static S3Engine engine;

    private FaultyProxy proxy;
    /** Through the trouble, and around it. */
    private S3ObjectStore store;

    private S3ObjectStore direct;

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
    void putTheProxyBetween() {
        proxy = FaultyProxy.before(engine.endpoint());
        String prefix = UUID.randomUUID().toString();
        store = new S3ObjectStore(engine.bucket(BUCKET, prefix, proxy.endpoint()), engine.environment());
        direct = new S3ObjectStore(engine.bucket(BUCKET, prefix), engine.environment());
    }

    @AfterEach
    void close() {
        store.close();
        direct.close();
        proxy.close();
    }

    @Test
    void aReadThatIsResetGoesOnWhereItBroke() {
        direct.put("chunk", CONTENT);
        proxy.resetAfter(1_000_000, 4);

        assertThat(store.readAll("chunk")).isEqualTo(CONTENT);
        assertThat(proxy.troubles()).isEqualTo(4);
    }

    @Test
    void anAnswerThatEndsPolitelyButTooEarlyIsNeverTakenForTheWhole() {
        direct.put("chunk", CONTENT);
        proxy.endAfter(1_000_000, 4);

        assertThat(store.readAll("chunk")).isEqualTo(CONTENT);
        assertThat(proxy.troubles()).isEqualTo(4);
    }

    @Test
    void aReadThatCannotGoOnFailsAndDoesNotEnd() throws IOException {
        direct.put("chunk", CONTENT);
        try (InputStream stream = store.read("chunk")) {
            assertThat(stream.readNBytes(500_000)).isEqualTo(Arrays.copyOf(CONTENT, 500_000));

            proxy.refuse();

            assertThatExceptionOfType(RecoveryFailure.class)
                    .isThrownBy(stream::readAllBytes)
                    .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE));
        }
    }

    @Test
    void aShortOutageInTheMiddleOfAReadIsOutlived() throws Exception {
        direct.put("chunk", CONTENT);
        try (InputStream stream = store.read("chunk")) {
            byte[] begin = stream.readNBytes(500_000);
            proxy.refuse();
            Thread healer = new Thread(() -> {
                java.util.concurrent.locks.LockSupport.parkNanos(
                        Duration.ofMillis(1_500).toNanos());
                proxy.heal();
            });
            healer.start();

            byte[] rest = stream.readAllBytes();

            healer.join();
            assertThat(begin).isEqualTo(Arrays.copyOf(CONTENT, 500_000));
            assertThat(rest).isEqualTo(Arrays.copyOfRange(CONTENT, 500_000, CONTENT.length));
        }
    }

    @Test
    void anObjectThatIsReplacedInTheMiddleIsNotSewnTogether() throws IOException {
        direct.put("chunk", CONTENT);
        proxy.resetAfter(1_000_000, 1);
        try (InputStream stream = store.read("chunk")) {
            stream.readNBytes(100_000);
            direct.put("chunk", random(CONTENT.length + 1));

            assertFails(FailureCode.OBJECT_CHANGED, stream::readAllBytes);
        }
    }

    @Test
    void aConditionalWriteWhoseAnswerIsLostStillSaysThatItWon() {
        proxy.loseAnswers(line -> line.startsWith("PUT "), 1);

        assertThat(store.putIfAbsent("leases/main/000001.json", text("ana"))).isTrue();
        assertThat(proxy.troubles()).isEqualTo(1);
        assertThat(store.putIfAbsent("leases/main/000001.json", text("ben"))).isFalse();
    }

    @Test
    void aConditionalWriteThatLosesAllItsAnswersIsNotTakenForALoss() {
        proxy.loseAnswers(line -> line.startsWith("PUT "), MANY);

        assertThat(store.putIfAbsent("leases/main/000001.json", text("ana"))).isTrue();
        assertThat(direct.readAll("leases/main/000001.json")).isEqualTo(text("ana"));
    }

    @Test
    void anUploadWhoseLastAnswerIsLostIsComplete() throws IOException {
        byte[] content = random(17 * 1024 * 1024);
        proxy.loseAnswers(line -> line.startsWith("POST ") && line.contains("uploadId="), 1);

        try (Upload upload = store.upload("chunk")) {
            upload.write(content);
            assertThat(upload.complete().size()).isEqualTo(content.length);
        }

        assertThat(proxy.troubles()).isEqualTo(1);
        assertThat(direct.readAll("chunk")).isEqualTo(content);
    }

    @Test
    void anUploadWhoseStoreGoesAwayFailsAndLeavesNoObject() throws IOException {
        try (Upload upload = store.upload("chunk")) {
            upload.write(random(17 * 1024 * 1024));
            proxy.refuse();

            assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> {
                upload.write(random(40 * 1024 * 1024));
                upload.complete();
            });
        }

        assertThat(direct.head("chunk")).isEmpty();
    }

    @Test
    void aListIsWholeOrFails() {
        for (int i = 0; i < 1_010; i++) {
            direct.put("wal/%06d".formatted(i), text("w"));
        }
        proxy.answer(503, line -> line.contains("continuation-token"), 2);

        assertThat(store.list("wal/")).hasSize(1_010);

        proxy.answer(503, line -> line.contains("continuation-token"), MANY);
        assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.list("wal/"));
    }

    @Test
    void aStoreThatIsBusyIsAskedAgain() {
        proxy.answer(503, line -> true, 2);

        store.put("a", text("x"));

        assertThat(proxy.troubles()).isEqualTo(2);
        assertThat(direct.readAll("a")).isEqualTo(text("x"));
    }

    @Test
    void aStoreThatStaysBrokenIsUnreachableAndNamed() {
        proxy.answer(500, line -> true, MANY);

        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> store.readAll("a"))
                .withMessageContaining(proxy.endpoint())
                .withMessageContaining("it answered 500")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE));
    }

    @Test
    void aStrangersPageNotFoundDoesNotMeanThatAnObjectIsMissing() {
        proxy.answer(404, line -> true, MANY);

        assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.readAll("a"));
        assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.head("a"));
        assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.list(""));
    }

    @Test
    void aSlowStoreIsWaitedFor() {
        direct.put("a", text("x"));
        proxy.delay(Duration.ofMillis(300));

        assertThat(store.readAll("a")).isEqualTo(text("x"));
        assertThat(store.putIfAbsent("b", text("y"))).isTrue();
    }

    private static void assertFails(FailureCode code, ThrowingCallable call) {
        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(call)
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(String text) {
        return text.getBytes(UTF_8);
    }
}
