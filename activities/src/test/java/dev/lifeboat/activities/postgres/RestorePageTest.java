package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RestorePageTest {

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @Test
    void theBucketCarriesTheCommandsOfTheRunbookAndNothingOfItsOtherSections() {
        RestorePage.keep(store);

        assertThat(page())
                .startsWith("# How to restore without Lifeboat")
                .contains("zstd", "tar -x", "recovery.signal", "restore_command", "pg_ctl")
                .doesNotContain("## Evidence", "## Promise");
    }

    @Test
    void anOlderVersionsPageIsBroughtUpToDate() {
        store.put(BucketLayout.RESTORE_PAGE, "old".getBytes(StandardCharsets.UTF_8));

        RestorePage.keep(store);

        assertThat(page()).isEqualTo(RestorePage.text());
    }

    private String page() {
        return new String(store.readAll(BucketLayout.RESTORE_PAGE), StandardCharsets.UTF_8);
    }
}
