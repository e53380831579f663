package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowCountsTest {

    @Test
    void theLargestIsCountedFirstAndSmallOnesInRows() {
        List<DumpedRelation> tables = new ArrayList<>(IntStream.range(0, 250)
                .mapToObj(index -> table("small" + index, 1))
                .toList());
        tables.add(table("large", 5_000));
        tables.add(table("largest", 90_000));

        List<List<DumpedRelation>> batches = RowCounts.batches(tables);

        assertThat(batches).extracting(List::size).containsExactly(1, 1, 100, 100, 50);
        assertThat(batches.get(0)).extracting(DumpedRelation::name).containsExactly("largest");
        assertThat(batches.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(tables);
    }

    @Test
    void anyNameIsQuoted() {
        assertThat(new DumpedRelation(1, "od\"d", "ta ble", false, 0, "").quoted())
                .isEqualTo("\"od\"\"d\".\"ta ble\"");
    }

    private static DumpedRelation table(String name, long pages) {
        return new DumpedRelation(1, "public", name, false, pages, "");
    }
}
