package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DumpIdTest {

    private static final Instant TWO = Instant.parse("2026-02-15T02:00:00.999Z");

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "dev_platform, dev_platform_2026-02-15_020000",
                "Shop-2.old, Shop-2.old_2026-02-15_020000",
                "a b/c, a%20b%2Fc_2026-02-15_020000",
                "100%, 100%25_2026-02-15_020000",
                "\u00fc, %C3%BC_2026-02-15_020000",
                "\u0661, %D9%A1_2026-02-15_020000"
            })
    void anyDatabaseHasANameThatIsSafeInAKey(String database, String id) {
        assertThat(DumpId.of(database, TWO)).isEqualTo(id);
        assertThat(DumpId.isOf(id, database)).isTrue();
        assertThat(DumpId.begunAt(id)).contains(Instant.parse("2026-02-15T02:00:00Z"));
    }

    @Test
    void oneDatabaseIsNotTakenForAnotherThatItsNameBeginsWith() {
        String longer = DumpId.of("shop_eu", TWO);

        assertThat(longer).startsWith(DumpId.prefix("shop"));
        assertThat(DumpId.isOf(longer, "shop")).isFalse();
        assertThat(DumpId.isOf(DumpId.of("shop_2026-01-01_000000", TWO), "shop"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shop_2026-02-15_020000.dump.zst",
                "shop_2026-02-15_020000.dump.zst.enc",
                "shop_2026-02-15_020000.globals.sql.zst",
                "shop_2026-02-15_020000.globals.sql.zst.enc"
            })
    void itsObjectsAreKnownByTheirNames(String name) {
        assertThat(DumpId.ofData(name)).contains("shop_2026-02-15_020000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shop_2026-02-15_020000.manifest.json",
                "shop_2026-02-15_020000.dump.gz",
                "shop_2026-02-15_020000.dump.zst.sha256",
                "shop_2026-02-30_020000.dump.zst",
                "shop.dump.zst",
                "LATEST.dump.gz"
            })
    void whatSomebodyElsePutThereIsNotTakenForOne(String name) {
        assertThat(DumpId.ofData(name)).isEmpty();
    }
}
