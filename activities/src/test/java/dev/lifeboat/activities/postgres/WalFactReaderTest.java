package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.RetentionFacts.WalFact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalKind;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalFactReaderTest {

    private static final String SEGMENT = "0000000A00000001000000F0";

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final WalArchive archive = new WalArchive(store, "main", "7");

    /** Whatever is not surely a segment or an index is never deleted. */
    @ParameterizedTest
    @CsvSource(
            value = {
                "0000000A/0000000A00000001000000F0.zst,                  SEGMENT, 0000000A00000001000000F0",
                "0000000A/0000000A00000001000000F0.zst.enc,              SEGMENT, 0000000A00000001000000F0",
                "0000000A/0000000A00000001000000F0.partial.zst,          SEGMENT, 0000000A00000001000000F0.partial",
                "0000000A/0000000A00000001000000F0.0a1b2c3d.partial.zst, SEGMENT, 0000000A00000001000000F0.0a1b2c3d.partial",
                "0000000A/index/0000000A00000001.json,                   INDEX,   0000000A00000001",
                "0000000B/0000000A00000001000000F0.zst,                  OTHER,   0000000A00000001000000F0",
                "0000000B/index/0000000A00000001.json,                   OTHER,   index/0000000A00000001.json",
                "0000000A/0000000A.history.zst,                          OTHER,   0000000A.history",
                "0000000A/0000000A00000001000000F0.00000028.backup.zst,  OTHER,   0000000A00000001000000F0.00000028.backup",
                "0000000A/0000000A00000001000000F0.gz,                   OTHER,   0000000A00000001000000F0.gz",
                "0000000A/0000000A00000001000000F0,                      OTHER,   0000000A00000001000000F0",
                "0000000A/0000000a00000001000000f0.zst,                  OTHER,   0000000a00000001000000f0",
                "0000000A/0000000A00000001000000F01.zst,                 OTHER,   0000000A00000001000000F01",
                "0000000A00000001000000F0.zst,                           OTHER,   0000000A00000001000000F0.zst",
                "notes.txt,                                              OTHER,   notes.txt",
            })
    void whatIsASegmentAndWhatIsAnIndex(String path, WalKind kind, String name) {
        store.put(BucketLayout.wal("main", "7") + path, new byte[] {1});

        assertThat(WalFactReader.read(archive).files()).singleElement().satisfies(file -> {
            assertThat(file.kind()).isEqualTo(kind);
            assertThat(file.name()).isEqualTo(name);
            assertThat(file.key()).endsWith(path);
        });
    }

    @Test
    void aHistoryTellsWhereATimelineCameFrom() {
        history("1\t0/3000000\tno recovery target\n\n# again\n2\t0/4000028\tbefore 2026-03-01\n");

        assertThat(read().history(3).map(TimelineHistory::forks).orElseThrow())
                .extracting(TimelineHistory.Fork::timeline)
                .containsExactly(1, 2);
    }

    /** Taken at its word it would say that nothing leads to this timeline, and what does would go. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# nothing but a comment\n",
                "1\n",
                "one\t0/3000000\tx\n",
                "3\t0/3000000\titself\n",
                "4\t0/3000000\ta younger one\n",
                "2\t0/3000000\tx\n1\t0/4000000\tin the wrong order\n",
                "1\t0/4000000\tx\n1\t0/5000000\ttwice\n",
                "1\t0/4000000\tx\n2\t0/3000000\tback\n",
            })
    void aHistoryThatCannotBeIsAsGoodAsMissing(String text) {
        history(text);

        assertThat(read().history(3)).isEmpty();
        assertThat(read().history(1)).isPresent();
    }

    @Test
    void aHistoryThatIsDamagedIsAsGoodAsMissing() {
        store.put(BucketLayout.walFile("main", "7", "00000003.history"), new byte[] {1, 2, 3});

        assertThat(read().history(3)).isEmpty();
        assertThat(read().files()).hasSize(1);
    }

    @Test
    void theTimeOfASegmentIsTheStores() {
        store.setClock(Instant.parse("2026-03-31T12:00:00Z"));
        store.put(BucketLayout.walFile("main", "7", SEGMENT), new byte[] {1});
        store.setClock(Instant.parse("2030-01-01T00:00:00Z"));

        assertThat(read().files()).singleElement().satisfies(file -> assertThat(file.at())
                .isEqualTo("2026-03-31T12:00:00Z"));
    }

    private WalFact read() {
        return WalFactReader.read(archive);
    }

    private void history(String text) {
        archive.store("00000003.history", text.getBytes(StandardCharsets.UTF_8));
    }
}
