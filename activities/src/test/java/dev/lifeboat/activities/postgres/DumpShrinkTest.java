package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.DumpManifest.Stored;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DumpShrinkTest {

    private static final Instant NOW = Instant.parse("2026-02-15T02:00:00Z");

    @Test
    void halfOfTheAverageIsEnoughAndOneByteLessIsNot() {
        List<DumpManifest> earlier = List.of(dump(1, 100, 1), dump(2, 200, 1), dump(3, 301, 1));

        assertThat(size(dump(0, 101, 1), earlier).verdict()).isEqualTo(Verdict.PASS);
        assertThat(size(dump(0, 100, 1), earlier))
                .isEqualTo(new Check(
                        "shop: size", "at least 101 B, half of the average of the last 7 days", "100 B", Verdict.FAIL));
    }

    @Test
    void onlyTheLastSevenDaysCount() {
        List<DumpManifest> earlier = List.of(dump(8, 1_000_000, 1), dump(7, 100, 1));

        assertThat(size(dump(0, 50, 1), earlier).verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void withoutADumpOfTheseDaysNothingIsCompared() {
        assertThat(size(dump(0, 50, 1), List.of(dump(8, 1_000_000, 1))).verdict())
                .isEqualTo(Verdict.NOT_MEASURED);
        assertThat(size(dump(0, 50, 1), List.of()).verdict()).isEqualTo(Verdict.NOT_MEASURED);
    }

    @Test
    void itIsNotComparedWithItselfNorWithLaterOnes() {
        DumpManifest dump = dump(1, 50, 1);

        assertThat(size(dump, List.of(dump, dump(0, 1_000_000, 1))).verdict()).isEqualTo(Verdict.NOT_MEASURED);
    }

    @Test
    void noTablesAreWrongWhereThereWereSomeBeforeHoweverLongAgo() {
        assertThat(tables(dump(0, 50, 0), List.of(dump(90, 50, 3))))
                .isEqualTo(new Check("shop: tables", "some, as the 3 before", "0", Verdict.FAIL));
        assertThat(tables(dump(0, 50, 1), List.of(dump(1, 50, 3))).verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void aDatabaseThatNeverHadTablesNeedsNone() {
        assertThat(tables(dump(0, 50, 0), List.of()).verdict()).isEqualTo(Verdict.PASS);
        assertThat(tables(dump(0, 50, 0), List.of(dump(2, 50, 3), dump(1, 50, 0)))
                        .verdict())
                .isEqualTo(Verdict.PASS);
    }

    private static Check size(DumpManifest dump, List<DumpManifest> others) {
        return DumpShrink.checks(dump, others).get(0);
    }

    private static Check tables(DumpManifest dump, List<DumpManifest> others) {
        return DumpShrink.checks(dump, others).get(1);
    }

    private static DumpManifest dump(int daysAgo, long bytes, int tables) {
        Instant at = NOW.minus(Duration.ofDays(daysAgo));
        Stored stored = new Stored("key", bytes, bytes, "00");
        List<Table> all = IntStream.range(0, tables)
                .mapToObj(index -> new Table("public", "t" + index, 1))
                .toList();
        return new DumpManifest(
                1,
                DumpId.of("shop", at),
                "main",
                "shop",
                "7",
                150018,
                at,
                at,
                bytes,
                bytes,
                "postgres",
                "UTF8",
                "C",
                "C",
                stored,
                stored,
                new DatabaseFacts(all, List.of(), List.of(), null, List.of(), 0),
                "run",
                "1@here",
                Map.of(),
                null,
                null);
    }
}
