package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plan reads segments 3, 4 and 5; 4, with the commit that the target lies behind, is damaged in the archive. */
class DamagedSegmentsTest {

    private static final Instant T0 = Instant.parse("2026-02-15T12:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path live;

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final WalArchive archive = new WalArchive(store, "main", Long.toString(WalBytes.SYSTEM));
    private final WalBytes wal = new WalBytes(1, 3, 4);

    @BeforeEach
    void threeSegments() {
        store.keepVersions();
        wal.commit(10, T0).switchSegment();
        wal.commit(11, T0.plusSeconds(10)).commit(12, T0.plusSeconds(20)).switchSegment();
        wal.commit(13, T0.plusSeconds(30)).switchSegment();
        for (long number = 3; number <= 5; number++) {
            archive.store(wal.name(number), wal.segment(number));
        }
    }

    @Test
    void aTruncatedOneIsReadFromTheLiveDisk() throws IOException {
        truncate();
        store.forgetVersions();
        Files.write(live.resolve(wal.name(4)), wal.segment(4));

        assertFound();
    }

    @Test
    void oneOfAnotherClusterIsReadFromTheVersionThatTheBucketKeeps() {
        byte[] foreign = wal.segment(4);
        ByteBuffer.wrap(foreign).order(ByteOrder.nativeOrder()).putLong(24, 4711);
        store.put(archive.key(wal.name(4)), Zstandard.compress(foreign));

        assertFound();
    }

    /** Its bytes unpack well, and one of its records does not have its checksum. */
    @Test
    void oneWithAWrongRecordIsReadFromTheVersionThatTheBucketKeeps() {
        byte[] wrong = wal.segment(4);
        wrong[60] ^= 1;
        store.put(archive.key(wal.name(4)), Zstandard.compress(wrong));

        assertFound();
    }

    @Test
    void oneThatTheIndexDescribesIsReadFromElsewhereToo() throws IOException {
        WalIndexer indexer = new WalIndexer(archive);
        for (long number = 3; number <= 5; number++) {
            indexer.add(wal.name(number), wal.segment(number));
        }
        indexer.flush();
        truncate();

        assertFound();
    }

    /** The live file of that name may be one that the server has recycled, or still writes to. */
    @Test
    void anotherCopyIsTakenOnlyWhenItIsIntact() throws IOException {
        truncate();
        Files.write(live.resolve(wal.name(4)), wal.segment(3));

        assertFound();
    }

    @Test
    void whereNoCopyIsIntactEachIsNamed() throws IOException {
        truncate();
        store.forgetVersions();
        Files.write(live.resolve(wal.name(4)), wal.segment(3));

        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(this::catalog)
                .satisfies(failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.WAL_DAMAGED);
                    assertThat(failure)
                            .hasMessageContaining(wal.name(4))
                            .hasMessageContaining(live.resolve(wal.name(4)) + ": its first page is that of 0/300000")
                            .hasMessageContaining("the bucket keeps no earlier version");
                    assertThat(failure.hint()).contains("intact copy");
                });
    }

    private void assertFound() {
        assertThat(catalog().locate(new RecoveryTarget.AtTime(T0.plusSeconds(15)), false))
                .singleElement()
                .extracting(TargetLocation::lastCommitAt, TargetLocation::nextCommitAt)
                .containsExactly(T0.plusSeconds(10), T0.plusSeconds(20));
    }

    private WalCatalog catalog() {
        return new WalCatalog(archive, WalBytes.SIZE, live);
    }

    private void truncate() {
        byte[] stored = store.readAll(archive.key(wal.name(4)));
        store.put(archive.key(wal.name(4)), Arrays.copyOf(stored, stored.length / 2));
    }
}
