package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Against pages of a real server: {@code DirectBackupIT}. */
class PageChecksumsTest {

    private static final int SIZE = 8192;
    private static final long START = 0x2000028L;

    private final PageChecksums checksums = new PageChecksums(SIZE, 131072, START);

    @Test
    void onlyFilesOfRelationsHavePages() {
        assertThat(new String[] {"base/5/16384", "base/5/16384.1", "base/5/2619_fsm", "base/5/2619_vm.2", "global/1262"
                })
                .allMatch(PageChecksums::appliesTo);
        assertThat(new String[] {
                    "base/5/pg_filenode.map",
                    "base/5/PG_VERSION",
                    "global/pg_control",
                    "pg_xact/0000",
                    "postgresql.conf"
                })
                .noneMatch(PageChecksums::appliesTo);
    }

    @Test
    void theSecondFileOfARelationGoesOnCounting() {
        assertThat(checksums.firstBlock("base/5/16384")).isZero();
        assertThat(checksums.firstBlock("base/5/16384.2")).isEqualTo(262144);
        assertThat(checksums.firstBlock("base/5/16384_fsm.1")).isEqualTo(131072);
    }

    @Test
    void aPageThatIsNewOrWasWrittenSinceTheBackupBeganIsNotHeldAgainstItsSum() {
        ByteBuffer page = page(0, START - 1);
        assertThat(checksums.isSettled(page, 0)).isTrue();
        assertThat(checksums.isSettled(page(0, START), 0)).isFalse();
        assertThat(checksums.isSettled(page(0, 0xF_00000000L), 0)).isFalse();
        page.putShort(14, (short) 0);
        assertThat(checksums.isSettled(page, 0)).isFalse();
    }

    @Test
    void oneBitOrAnotherPlaceMakesAnotherSum() {
        ByteBuffer page = page(7, 1);
        assertThat(checksums.isRight(page, 0, 7)).isTrue();
        assertThat(checksums.isRight(page, 0, 8)).isFalse();
        page.put(SIZE - 1, (byte) (page.get(SIZE - 1) ^ 0x10));
        assertThat(checksums.isRight(page, 0, 7)).isFalse();
    }

    private ByteBuffer page(long block, long lsn) {
        ByteBuffer page = ByteBuffer.allocateDirect(SIZE).order(ByteOrder.nativeOrder());
        for (int i = 24; i < SIZE; i++) {
            page.put(i, (byte) (i * 31));
        }
        page.putInt(0, (int) (lsn >>> 32));
        page.putInt(4, (int) lsn);
        page.putShort(14, (short) 4000);
        page.putShort(8, (short) checksums.of(page, 0, block));
        return page;
    }
}
