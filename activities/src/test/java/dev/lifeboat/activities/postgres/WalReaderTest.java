package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.WalReader.Listener;
import dev.lifeboat.activities.postgres.WalReader.Reading;
import dev.lifeboat.activities.postgres.WalReader.RestorePoint;
import dev.lifeboat.activities.postgres.WalReader.TablespaceCreated;
import dev.lifeboat.activities.postgres.WalReader.TransactionEnd;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WalReaderTest {

    private static final Instant NOON = Instant.parse("2026-02-15T12:00:00.123456Z");

    private final List<String> seen = new ArrayList<>();
    private final WalReader reader = new WalReader(WalBytes.SIZE, new Listener() {
        @Override
        public void transactionEnd(TransactionEnd end) {
            seen.add((end.commit() ? "commit " : "abort ") + end.xid() + " " + end.time());
        }

        @Override
        public void restorePoint(RestorePoint point) {
            seen.add("point " + point.name() + " " + point.time());
        }

        @Override
        public void tablespaceCreated(TablespaceCreated created) {
            seen.add("tablespace " + created.oid() + " " + created.location() + " " + created.start());
        }
    });

    @Test
    void tellsCommitsAbortsAndRestorePointsWithTheirTimes() throws IOException {
        WalBytes wal = new WalBytes(1, 3, 1)
                .commit(700, NOON)
                .noise(20_000)
                .abort(701, NOON.plusSeconds(1))
                .restorePoint("before release", NOON.plusSeconds(2));

        Reading reading = read(wal, 3);

        assertThat(seen)
                .containsExactly(
                        "commit 700 " + NOON,
                        "abort 701 " + NOON.plusSeconds(1),
                        "point before release " + NOON.plusSeconds(2));
        assertThat(reading).isEqualTo(new Reading(false, wal.end(), false));
    }

    @Test
    void tellsATablespaceThatWasMadeOutsideOfTheDataDirectoryAndNoOther() throws IOException {
        WalBytes wal = new WalBytes(1, 3, 1).commit(700, NOON);
        Lsn start = wal.end();
        wal.tablespace(16390, "/srv/fast").tablespace(16391, "").dropTablespace(16390);

        read(wal, 3);

        assertThat(seen).containsExactly("commit 700 " + NOON, "tablespace 16390 /srv/fast " + start);
    }

    @Test
    void aTablespaceWhoseRecordCrossesIntoTheNextSegmentIsSeenThere() throws IOException {
        for (int left = 8; left <= 40; left += 8) {
            seen.clear();
            WalBytes wal = new WalBytes(1, 3, 2).fillUntil(left).tablespace(16390, "/srv/fast");

            read(wal, 3);
            read(wal, 4);

            assertThat(seen).singleElement().asString().startsWith("tablespace 16390 /srv/fast ");
        }
    }

    @Test
    void aPreparedTransactionIsNamedByItsOwnNumberAndNotByWhoEndedIt() throws IOException {
        read(new WalBytes(1, 3, 1).commitPrepared(4711, NOON), 3);

        assertThat(seen).containsExactly("commit 4711 " + NOON);
    }

    @Test
    void aCommitThatCrossesIntoTheNextSegmentBelongsToTheOneInWhichItEnds() throws IOException {
        for (int left = 8; left <= 32; left += 8) {
            seen.clear();
            WalBytes wal =
                    new WalBytes(1, 3, 2).fillUntil(left).commit(700, NOON).commit(701, NOON);

            Reading first = read(wal, 3);
            assertThat(seen).isEmpty();
            Reading second = read(wal, 4);

            assertThat(first.whole()).isTrue();
            assertThat(seen).containsExactly("commit 700 " + NOON, "commit 701 " + NOON);
            assertThat(second.headUnseen()).isFalse();
        }
    }

    @Test
    void aSegmentReadAloneSaysThatTheRecordAtItsBeginningWasNotSeen() throws IOException {
        WalBytes wal = new WalBytes(1, 3, 2).fillUntil(16).commit(700, NOON).commit(701, NOON);

        Reading reading = read(wal, 4);

        assertThat(reading.headUnseen()).isTrue();
        assertThat(seen).containsExactly("commit 701 " + NOON);
    }

    @Test
    void aRecordOfManyPagesIsPassedOver() throws IOException {
        WalBytes wal = new WalBytes(1, 3, 3).noise(1_500_000).commit(700, NOON);

        assertThat(read(wal, 3).whole()).isTrue();
        read(wal, 4);

        assertThat(seen).containsExactly("commit 700 " + NOON);
    }

    @Test
    void afterASwitchTheRestOfTheSegmentIsNotLookedAt() throws IOException {
        WalBytes wal = new WalBytes(1, 3, 2).commit(700, NOON).switchSegment().commit(701, NOON);

        Reading first = read(wal, 3);
        read(wal, 4);

        assertThat(first).isEqualTo(new Reading(true, WalBytes.SIZE.endOf(new WalSegment(1, 3)), false));
        assertThat(seen).hasSize(2);
    }

    @Test
    void theOldBytesOfARecycledSegmentAreNotWal() throws IOException {
        WalBytes old = new WalBytes(1, 3, 1).commit(600, NOON).noise(5000).commit(601, NOON);
        WalBytes now = new WalBytes(1, 9, 1).commit(900, NOON);
        byte[] recycled = old.segment(3);
        System.arraycopy(now.segment(9), 0, recycled, 0, 8192);

        Reading reading = reader.read(new WalSegment(1, 9), new ByteArrayInputStream(recycled));

        assertThat(seen).containsExactly("commit 900 " + NOON);
        assertThat(reading.whole()).isFalse();
        assertThat(reading.end()).isEqualTo(now.end());
    }

    @Test
    void aSegmentThatWasOnlyRenamedHoldsNoWalAtAll() throws IOException {
        byte[] renamed = new WalBytes(1, 3, 1).commit(600, NOON).segment(3);

        Reading reading = reader.read(new WalSegment(1, 9), new ByteArrayInputStream(renamed));

        assertThat(seen).isEmpty();
        assertThat(reading.end()).isNull();
    }

    @Test
    void aRecordWithAFlippedBitEndsTheWal() throws IOException {
        WalBytes wal = new WalBytes(1, 3, 1).commit(700, NOON);
        Lsn good = wal.end();
        wal.commit(701, NOON);
        byte[] bytes = wal.segment(3);
        bytes[(int) (good.value() % (1 << 20)) + 28] ^= 1;

        Reading reading = reader.read(new WalSegment(1, 3), new ByteArrayInputStream(bytes));

        assertThat(seen).containsExactly("commit 700 " + NOON);
        assertThat(reading.end()).isEqualTo(good);
    }

    @Test
    void aRecordOfManyPagesWithAFlippedBitEndsTheWalToo() throws IOException {
        WalBytes wal = new WalBytes(1, 3, 1).commit(700, NOON);
        Lsn good = wal.end();
        wal.noise(50_000).commit(701, NOON);
        byte[] bytes = wal.segment(3);
        bytes[40_000] ^= 1;

        Reading reading = reader.read(new WalSegment(1, 3), new ByteArrayInputStream(bytes));

        assertThat(seen).containsExactly("commit 700 " + NOON);
        assertThat(reading.end()).isEqualTo(good);
    }

    @Test
    void aFileThatIsTooShortEndsTheWalWhereItsPagesEnd() throws IOException {
        WalBytes wal = new WalBytes(1, 3, 1).commit(700, NOON).noise(100_000).commit(701, NOON);
        byte[] bytes = Arrays.copyOf(wal.segment(3), 50_000);

        Reading reading = reader.read(new WalSegment(1, 3), new ByteArrayInputStream(bytes));

        assertThat(seen).containsExactly("commit 700 " + NOON);
        assertThat(reading.whole()).isFalse();
    }

    @Test
    void theHeaderOfASegmentSaysWhoseItIs() {
        byte[] bytes = new WalBytes(1, 3, 1).commit(700, NOON).segment(3);

        WalSegmentHeader header = WalSegmentHeader.parse(bytes).orElseThrow();

        assertThat(header.systemId()).isEqualTo(Long.toString(WalBytes.SYSTEM));
        assertThat(header.fits("000000010000000000000003", header.systemId())).isTrue();
        assertThat(header.fits("000000020000000000000003", header.systemId())).isTrue();
        assertThat(header.fits("000000010000000000000004", header.systemId())).isFalse();
        assertThat(header.fits("000000010000000000000003", "1")).isFalse();
        assertThat(WalSegmentHeader.parse(new byte[8192])).isEmpty();
    }

    private Reading read(WalBytes wal, long segment) throws IOException {
        return reader.read(new WalSegment(1, segment), new ByteArrayInputStream(wal.segment(segment)));
    }
}
