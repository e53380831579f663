package dev.lifeboat.activities.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lifeboat.activities.store.Upload.Uploaded;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SealedObjectsTest {

    private static final String KEY = "postgres/base/main/42/20260822T013000Z/chunks/000001.tar.zst";
    private static final String SEALED = KEY + ".enc";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @SuppressWarnings("NullAway.Init")
    private PrivateKey.Pair pair;

    @BeforeEach
    void encrypt() {
        pair = TestKeys.pair(folder, "backup");
        store.encryptWith(TestKeys.of(List.of(pair), pair));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16, 16_327, 16_328, 16_329, 32_696, 40_000, 1 << 20, (3 << 20) + 5})
    void whatWasWrittenIsRead(int size) throws IOException {
        byte[] plain = bytes(size);

        Uploaded stored = upload(plain);

        assertThat(stored.key()).isEqualTo(SEALED);
        assertThat(read(stored.sha256())).isEqualTo(plain);
        assertThat(stored.size()).isEqualTo(store.readAll(SEALED).length);
        assertThat(new String(store.readAll(SEALED), StandardCharsets.ISO_8859_1))
                .doesNotContain(new String(Arrays.copyOf(plain, Math.max(16, size / 2)), StandardCharsets.ISO_8859_1));
    }

    @Test
    void theNotedDigestIsThatOfEverythingBehindTheHeader() throws Exception {
        Uploaded stored = upload(bytes(50_000));

        byte[] all = store.readAll(SEALED);
        byte[] body = Arrays.copyOfRange(all, 4096, all.length);
        assertThat(stored.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(body)));
        assertThat(data().readBack(SEALED, read -> {})).isEqualTo(stored);
        backsUpOnly();
        assertThat(data().readBack(SEALED, read -> {})).isEqualTo(stored);
    }

    @Test
    void aHostWithPublicKeysBacksUpAndCannotRead() throws IOException {
        backsUpOnly();

        upload(bytes(1000));

        assertThat(failure()).extracting(RecoveryFailure::code).isEqualTo(FailureCode.IDENTITY_MISSING);
        assertThat(failure()).hasMessageContaining("only public keys");
        assertThat(failure().hint()).contains("bucket.encryption.identity");
    }

    @Test
    void anotherKeyIsToldForWhomTheObjectIs() throws IOException {
        upload(bytes(1000));
        PrivateKey.Pair other = TestKeys.pair(folder, "other");
        store.encryptWith(TestKeys.of(List.of(pair), other));

        assertThat(failure().code()).isEqualTo(FailureCode.WRONG_KEY);
        assertThat(failure())
                .hasMessageContaining("encrypted for " + pair.publicKey().id())
                .hasMessageContaining(
                        "identity of this worker is " + other.publicKey().id());
    }

    @Test
    void eachOfSeveralRecipientsReads() throws IOException {
        PrivateKey.Pair other = TestKeys.pair(folder, "other");
        store.encryptWith(TestKeys.of(List.of(pair, other), null));
        byte[] plain = bytes(20_000);
        upload(plain);

        for (PrivateKey.Pair each : List.of(pair, other)) {
            store.encryptWith(TestKeys.of(List.of(pair, other), each));
            assertThat(read(null)).isEqualTo(plain);
        }
    }

    @Test
    void aPrivateKeyThatOthersMayReadDecryptsNothing() throws IOException {
        upload(bytes(10));
        Files.setPosixFilePermissions(pair.privateFile(), PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(failure().code()).isEqualTo(FailureCode.KEY_FILE_UNUSABLE);
        assertThat(failure().hint()).contains("chmod 600");
    }

    @Test
    void objectsThatWereExchangedAreRecognised() throws IOException {
        upload(bytes(1000));
        store.put(SEALED.replace("000001", "000002"), store.readAll(SEALED));

        RecoveryFailure swapped = catchThrowableOfType(
                RecoveryFailure.class, () -> data().read(SEALED.replace("000001", "000002"), null));

        assertThat(swapped.code()).isEqualTo(FailureCode.OBJECT_SWAPPED);
        assertThat(swapped).hasMessageContaining("it is " + SEALED);
    }

    @Test
    void theBodyOfAnotherObjectIsNotTakenBehindARightHeader() throws IOException {
        upload(bytes(1000));
        byte[] first = store.readAll(SEALED);
        upload(bytes(1000));
        byte[] second = store.readAll(SEALED);
        byte[] mixed = Arrays.copyOf(first, first.length);
        System.arraycopy(second, 4096, mixed, 4096, mixed.length - 4096);
        store.put(SEALED, mixed);

        assertThat(failure().code()).isEqualTo(FailureCode.OBJECT_ALTERED);
    }

    @ParameterizedTest
    @CsvSource({
        "0, HEADER_ALTERED",
        "20, HEADER_ALTERED",
        "300, HEADER_ALTERED",
        "3000, HEADER_ALTERED",
        "4040, HEADER_ALTERED",
        "4095, HEADER_ALTERED",
        "4096, OBJECT_ALTERED",
        "4100, OBJECT_ALTERED",
        "4130, OBJECT_ALTERED",
        "30000, OBJECT_ALTERED"
    })
    void oneAlteredByteIsNamedByItsPlace(int at, FailureCode code) throws IOException {
        upload(bytes(60_000));
        byte[] altered = store.readAll(SEALED);
        altered[at] ^= 1;
        store.put(SEALED, altered);

        assertThat(failure().code()).isEqualTo(code);
    }

    /** Nothing but its plain sum tells him damage from a header that is for somebody else. */
    @Test
    void whoHasAnotherKeyIsToldOfAnAlteredHeaderAndNotToLookForTheRightKey() throws IOException {
        upload(bytes(1000));
        byte[] altered = store.readAll(SEALED);
        int at = new String(altered, 0, 4032, StandardCharsets.ISO_8859_1)
                .indexOf(pair.publicKey().id());
        altered[at] = (byte) (altered[at] == 'a' ? 'b' : 'a');
        store.put(SEALED, altered);
        store.encryptWith(TestKeys.of(List.of(pair), TestKeys.pair(folder, "other")));

        assertThat(failure().code()).isEqualTo(FailureCode.HEADER_ALTERED);
    }

    /** Who can write to the bucket can make the plain sum right again, and not the one under the object's key. */
    @Test
    void aHeaderThatSomebodyMadeAnewIsNotTaken() throws Exception {
        PrivateKey.Pair other = TestKeys.pair(folder, "other");
        store.encryptWith(TestKeys.of(List.of(other, pair), pair));
        upload(bytes(1000));
        byte[] forged = store.readAll(SEALED);
        String text = new String(forged, 0, 4032, StandardCharsets.ISO_8859_1);
        int at = text.indexOf(other.publicKey().id());
        forged[at] = (byte) (forged[at] == 'a' ? 'b' : 'a');
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(forged, 0, 4032);
        System.arraycopy(digest.digest(), 0, forged, 4032, 32);
        store.put(SEALED, forged);

        assertThat(failure().code()).isEqualTo(FailureCode.HEADER_ALTERED);
        assertThat(failure()).hasMessageContaining("not the one that was written with its key");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 4095, 4096, 4097, 4135, 4136, 20_479, 20_480, 20_481, 36_864, 50_000})
    void aTruncatedObjectIsAnErrorAndNeverAShortStream(int length) throws IOException {
        upload(bytes(60_000));
        store.put(SEALED, Arrays.copyOf(store.readAll(SEALED), length));

        assertThat(failure().code()).isEqualTo(FailureCode.OBJECT_TRUNCATED);
    }

    /** Whatever is done to the stored bytes: what is given out is a beginning of what was written, or all of it. */
    @Test
    void noDamageGivesOtherBytes() throws IOException {
        byte[] plain = bytes(40_000);
        upload(plain);
        byte[] right = store.readAll(SEALED);
        long seed = Long.getLong("lifeboat.seed", System.nanoTime());
        boolean thorough = Boolean.getBoolean("lifeboat.thorough");
        int tries = thorough ? right.length : 1500;
        if (!thorough) {
            System.out.println("SealedObjectsTest: damages " + tries + " of " + right.length + " places, seed " + seed
                    + "; all of them with -Dlifeboat.thorough=true");
        }
        Random random = new Random(seed);
        for (int i = 0; i < tries; i++) {
            int at = thorough ? i : random.nextInt(right.length);
            byte[] damaged = damage(right, at, random);
            store.put(SEALED, damaged);

            ByteArrayOutputStream given = new ByteArrayOutputStream();
            Throwable failure = catchThrowable(() -> {
                try (InputStream in = data().read(SEALED, null)) {
                    byte[] buffer = new byte[700];
                    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                        given.write(buffer, 0, count);
                    }
                }
            });

            byte[] bytes = given.toByteArray();
            assertThat(Arrays.equals(bytes, Arrays.copyOf(plain, bytes.length)))
                    .as("place %d, seed %d", at, seed)
                    .isTrue();
            assertThat(failure)
                    .as("place %d, seed %d", at, seed)
                    .isInstanceOfSatisfying(RecoveryFailure.class, told -> assertThat(DataObjects.isDamage(told))
                            .isTrue());
        }
    }

    private static byte[] damage(byte[] right, int at, Random random) {
        byte[] damaged = right.clone();
        switch (random.nextInt(4)) {
            case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> damaged[at] += (byte) (1 + random.nextInt(255));
            case 2 -> {
                return Arrays.copyOf(damaged, at);
            }
            default -> {
                byte[] longer = Arrays.copyOf(damaged, damaged.length + 1);
                System.arraycopy(damaged, at, longer, at + 1, damaged.length - at);
                longer[at] = (byte) (damaged[at] + 1);
                return longer;
            }
        }
        return damaged;
    }

    @Test
    void plainObjectsFromBeforeAreReadAndSoAreEncryptedOnesAfterEncryptionWasSwitchedOff() throws IOException {
        byte[] plain = bytes(5000);
        store.put("old.zst", plain);
        upload(plain);

        assertThat(data().read("old.zst", null)).hasBinaryContent(plain);

        store.encryptWith(TestKeys.of(List.of(), pair));
        assertThat(data().keyFor(KEY)).isEqualTo(KEY);
        assertThat(read(null)).isEqualTo(plain);
    }

    @Test
    void withoutAnyConfigurationAnEncryptedObjectIsToldFromAMissingOne() throws IOException {
        upload(bytes(10));
        DataObjects unconfigured = new PlainObjects(store);

        assertThatThrownBy(() -> unconfigured.read(SEALED, null))
                .isInstanceOfSatisfying(
                        RecoveryFailure.class, told -> assertThat(told.code()).isEqualTo(FailureCode.IDENTITY_MISSING));
        assertThatThrownBy(() -> unconfigured.read("nobody.zst.enc", null))
                .isInstanceOfSatisfying(
                        RecoveryFailure.class, told -> assertThat(told.code()).isEqualTo(FailureCode.OBJECT_MISSING));
    }

    @Test
    void aDigestThatIsNotTheManifestsFailsBeforeTheEnd() throws IOException {
        upload(bytes(50_000));

        assertThatThrownBy(() -> read("ab".repeat(32)))
                .isInstanceOfSatisfying(
                        RecoveryFailure.class, told -> assertThat(told.code()).isEqualTo(FailureCode.BACKUP_DAMAGED));
    }

    @Test
    void anUploadThatIsNotCompletedLeavesNothing() throws IOException {
        try (Upload upload = data().upload(SEALED)) {
            upload.write(bytes(100_000));
        }

        assertThat(store.head(SEALED)).isEmpty();
    }

    private Uploaded upload(byte[] plain) throws IOException {
        try (Upload upload = data().upload(data().keyFor(KEY))) {
            upload.write(plain, 0, plain.length / 3);
            upload.write(plain, plain.length / 3, plain.length - plain.length / 3);
            return upload.complete();
        }
    }

    private byte[] read(@org.jspecify.annotations.Nullable String sha256) throws IOException {
        try (InputStream in = data().read(SEALED, sha256)) {
            return in.readAllBytes();
        }
    }

    private RecoveryFailure failure() {
        return catchThrowableOfType(RecoveryFailure.class, () -> read(null));
    }

    private DataObjects data() {
        return DataObjects.of(store);
    }

    private void backsUpOnly() {
        store.encryptWith(TestKeys.of(List.of(pair), null));
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
