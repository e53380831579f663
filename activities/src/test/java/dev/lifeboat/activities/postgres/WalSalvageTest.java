package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WalSalvageTest {

    @Test
    void anUnfinishedSegmentIsArchivedUnderANameThatPostgresqlNeverUses() {
        String name = WalSalvage.partialName("0000000100000000000000A7", new byte[] {1, 2, 3});

        assertThat(name).matches("0000000100000000000000A7\\.[0-9a-f]{8}\\.partial");
        assertThat(WalArchive.isWalFile(name)).isFalse();
        assertThat(WalSalvage.partialName("0000000100000000000000A7", new byte[] {1, 2, 3}))
                .isEqualTo(name);
        assertThat(WalSalvage.partialName("0000000100000000000000A7", new byte[] {1, 2, 4}))
                .isNotEqualTo(name);
    }
}
