package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.TestKeys;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three segments, of which the first was archived before encryption was switched on. */
class EncryptedWalTest {

    private static final Instant T0 = Instant.parse("2026-02-15T12:00:00Z");
    private static final String HISTORY = "00000002.history";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final WalArchive archive = new WalArchive(store, "main", Long.toString(WalBytes.SYSTEM));
    private final WalBytes wal = new WalBytes(1, 3, 4);

    @SuppressWarnings("NullAway.Init")
    private PrivateKey.Pair pair;

    @BeforeEach
    void aSwitch() {
        for (int i = 0; i < 3; i++) {
            wal.commit(10 + i, T0.plusSeconds(10L * i)).switchSegment();
        }
        pair = TestKeys.pair(folder, "backup");
        archive.store(name(3), wal.segment(3));
        store.encryptWith(TestKeys.of(List.of(pair), pair));
        archive.store(name(4), wal.segment(4));
        archive.store(name(5), wal.segment(5));
        archive.store(HISTORY, "1\t0/400000\tno target\n".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void segmentsAreEncryptedAndWhatPlansAreMadeOfIsNot() {
        assertThat(store.list("postgres/wal/"))
                .extracting(StoredObject::key)
                .extracting(key -> key.substring(key.lastIndexOf('/') + 1))
                .containsExactlyInAnyOrder(
                        name(3) + ".zst", name(4) + ".zst.enc", name(5) + ".zst.enc", HISTORY + ".zst");
    }

    @Test
    void aMixedArchiveIsOneArchive() {
        assertThat(archive.names().get(1)).containsExactly(name(3), name(4), name(5));
        for (int i = 3; i <= 5; i++) {
            assertThat(archive.has(name(i))).isTrue();
            assertThat(archive.read(name(i))).hasValueSatisfying(equalTo(wal.segment(i)));
        }
        assertThat(archive.has(name(6))).isFalse();
        assertThat(archive.read(name(6))).isEmpty();
    }

    @Test
    void aSegmentThatIsArchivedAgainAfterTheSwitchIsAcceptedAndNotDoubled() {
        archive.store(name(3), wal.segment(3));
        archive.store(name(4), wal.segment(4));

        assertThat(store.list("postgres/wal/")).hasSize(4);
    }

    @Test
    void otherContentUnderTheNameIsRefusedWhicheverWayItIsStored() {
        for (int i : new int[] {3, 4}) {
            assertThatThrownBy(() -> archive.store(name(i), other(i)))
                    .isInstanceOfSatisfying(RecoveryFailure.class, told -> assertThat(told.code())
                            .isEqualTo(FailureCode.WAL_CONTENT_DIFFERS));
        }
    }

    @Test
    void aHostWithPublicKeysKnowsItsOwnContentAgain() {
        backsUpOnly();

        archive.store(name(4), wal.segment(4));

        assertThatThrownBy(() -> archive.store(name(5), other(5)))
                .isInstanceOfSatisfying(RecoveryFailure.class, told -> assertThat(told.code())
                        .isEqualTo(FailureCode.WAL_CONTENT_DIFFERS));
    }

    @Test
    void aHostWithPublicKeysKnowsTheWindowFromTheIndex() {
        WalIndexer indexer = new WalIndexer(archive);
        // The last is archived and not in the index yet.
        indexer.add(name(3), wal.segment(3));
        indexer.add(name(4), wal.segment(4));
        indexer.flush();
        backsUpOnly();

        WalCatalog catalog = new WalCatalog(archive, WalBytes.SIZE, null);

        assertThat(catalog.timelines().get(0)).satisfies(facts -> {
            assertThat(facts.lastCommitAt()).isEqualTo(T0.plusSeconds(10));
            assertThat(facts.available()).singleElement().satisfies(range -> {
                assertThat(range.from()).isEqualTo(3);
                assertThat(range.to()).isEqualTo(5);
            });
        });
        assertThat(archive.whyUnreadable(name(5)))
                .hasValueSatisfying(why -> assertThat(why.code()).isEqualTo(FailureCode.IDENTITY_MISSING));
        assertThat(archive.whyUnreadable(name(3))).isEmpty();
    }

    @Test
    void whatCannotBeDecryptedIsNotAskedForAgainAndAgain() {
        backsUpOnly();
        WalIndexer indexer = new WalIndexer(archive);

        for (int i = 0; i < 10 && indexer.catchUp(); i++) {
            indexer.flush();
        }

        assertThat(indexer.owes()).isFalse();
    }

    @Test
    void aDamagedOneIsToldAsDamagedWalAndItsPlainTwinIsACopyOfIt() throws IOException {
        byte[] stored = store.readAll(archive.key(name(4)));
        store.put(archive.key(name(4)), Arrays.copyOf(stored, stored.length - 30));

        assertThatThrownBy(() -> archive.read(name(4)))
                .isInstanceOfSatisfying(
                        RecoveryFailure.class, told -> assertThat(told.code()).isEqualTo(FailureCode.WAL_DAMAGED))
                .hasMessageContaining("is truncated");
        assertThat(archive.otherCopies(name(4))).isEmpty();

        store.put(archive.key(name(4)).replace(".enc", ""), Zstandard.compress(wal.segment(4)));
        List<String> others = new ArrayList<>();
        IntactCopies.Found found = new IntactCopies(archive, WalBytes.SIZE, null)
                .find(WalBytes.SIZE.parse(name(4)), others)
                .orElseThrow();
        try (var in = found.copy().open()) {
            assertThat(in.readAllBytes()).isEqualTo(wal.segment(4));
        }
    }

    @Test
    void aSegmentUnderTheNameOfAnotherIsNotGiven() {
        store.put(archive.key(name(5)), store.readAll(archive.key(name(4))));

        assertThatThrownBy(() -> archive.read(name(5))).hasMessageContaining("holds another object");
    }

    @Test
    void withoutTheKeyItIsNeverSaidThatASegmentIsNotThere() {
        backsUpOnly();

        assertThatThrownBy(() -> archive.read(name(5)))
                .isInstanceOfSatisfying(
                        RecoveryFailure.class, told -> assertThat(told.code()).isEqualTo(FailureCode.IDENTITY_MISSING));
    }

    private byte[] other(int segment) {
        byte[] other = wal.segment(segment);
        other[other.length - 1] ^= 1;
        return other;
    }

    private void backsUpOnly() {
        store.encryptWith(TestKeys.of(List.of(pair), null));
    }

    private String name(int segment) {
        return wal.name(segment);
    }

    private static java.util.function.Consumer<byte[]> equalTo(byte[] wanted) {
        return found -> assertThat(found).isEqualTo(wanted);
    }
}
