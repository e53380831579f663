package dev.lifeboat.activities.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.PublicKey;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewrapTest {

    private static final String KEY = "postgres/daily/main/shop.dump.zst.enc";
    private static final byte[] PLAIN = "row\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private PrivateKey.Pair old;

    @SuppressWarnings("NullAway.Init")
    private PrivateKey.Pair fresh;

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private String noted = "";

    @BeforeEach
    void anObjectForTheOldKey() throws IOException {
        old = TestKeys.pair(folder, "old");
        fresh = TestKeys.pair(folder, "fresh");
        store.encryptWith(TestKeys.of(List.of(old), old));
        try (Upload upload = DataObjects.of(store).upload(KEY)) {
            upload.write(PLAIN);
            noted = upload.complete().sha256();
        }
    }

    @Test
    void oneMoreRecipientReadsAndNobodyElseLosesIt() throws IOException {
        assertThat(rewrap(fresh.publicKey(), true)).isTrue();
        assertThat(rewrap(fresh.publicKey(), true)).isFalse();

        assertThat(readBy(fresh)).isEqualTo(PLAIN);
        assertThat(readBy(old)).isEqualTo(PLAIN);
    }

    @Test
    void theConfiguredRecipientsAndNobodyElseRead() throws IOException {
        store.encryptWith(TestKeys.of(List.of(fresh), old));

        assertThat(new Rewrap(store, null).keepsIdentity()).isFalse();
        assertThat(rewrap(null, true)).isTrue();

        assertThat(readBy(fresh)).isEqualTo(PLAIN);
        assertThatThrownBy(() -> readBy(old))
                .isInstanceOfSatisfying(
                        RecoveryFailure.class, told -> assertThat(told.code()).isEqualTo(FailureCode.WRONG_KEY));
        // As after a kill: what is done already needs no key that opens it.
        store.encryptWith(TestKeys.of(List.of(fresh), old));
        assertThat(rewrap(null, true)).isFalse();
    }

    @Test
    void sizeAndNotedDigestAndBodyStayAsTheyWere() {
        byte[] before = store.readAll(KEY);

        rewrap(fresh.publicKey(), true);

        byte[] after = store.readAll(KEY);
        assertThat(Arrays.copyOfRange(after, 4096, after.length))
                .isEqualTo(Arrays.copyOfRange(before, 4096, before.length));
        assertThat(after).isNotEqualTo(before);
        assertThat(DataObjects.of(store).readBack(KEY, read -> {}).sha256()).isEqualTo(noted);
    }

    @Test
    void lookingChangesNothing() {
        byte[] before = store.readAll(KEY);

        assertThat(rewrap(fresh.publicKey(), false)).isTrue();

        assertThat(store.readAll(KEY)).isEqualTo(before);
    }

    @Test
    void anAlteredHeaderIsNotMadeGoodAgain() {
        byte[] altered = store.readAll(KEY);
        altered[200] ^= 1;
        store.put(KEY, altered);

        assertThatThrownBy(() -> rewrap(fresh.publicKey(), true))
                .isInstanceOfSatisfying(
                        RecoveryFailure.class, told -> assertThat(told.code()).isEqualTo(FailureCode.HEADER_ALTERED));
        assertThat(store.readAll(KEY)).isEqualTo(altered);
    }

    @Test
    void aHostWithPublicKeysCannotRewrap() {
        store.encryptWith(TestKeys.of(List.of(old), null));

        assertThatThrownBy(() -> rewrap(fresh.publicKey(), true))
                .isInstanceOfSatisfying(
                        RecoveryFailure.class, told -> assertThat(told.code()).isEqualTo(FailureCode.IDENTITY_MISSING));
    }

    private boolean rewrap(@Nullable PublicKey added, boolean apply) {
        return new Rewrap(store, added).rewrap(KEY, apply);
    }

    private byte[] readBy(PrivateKey.Pair key) throws IOException {
        store.encryptWith(TestKeys.of(List.of(key), key));
        try (InputStream in = DataObjects.of(store).read(KEY, noted)) {
            return in.readAllBytes();
        }
    }
}
