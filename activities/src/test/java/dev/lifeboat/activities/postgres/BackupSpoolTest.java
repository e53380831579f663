package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BackupSpoolTest {

    @Test
    void tooLittleRoomIsRefusedWithBothNumbersAndTheKeyThatNamesAnotherPlace() {
        BackupSpool spool = spool(null);

        assertThatThrownBy(() -> spool.requireRoom("main", 3L << 30, 1L << 30))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.TOO_LITTLE_SPACE);
                    assertThat(failure.hint()).contains("spool-directory of main");
                })
                .hasMessageContaining("needs 3.0 GiB")
                .hasMessageContaining("1.0 GiB are free");
    }

    @Test
    void itIsAFolderOfLifeboatsOwnWhereverItIs() {
        assertThat(spool(null).root()).isEqualTo(Path.of("/data/lifeboat-main/spool"));
        assertThat(spool(Path.of("/big")).root()).isEqualTo(Path.of("/big/lifeboat-main-spool"));
    }

    @Test
    void whatPgBasebackupSaysOfItsProgressIsTakenForThatAndNothingElseIs() {
        assertThat(BackupSpool.progress("30712/61424 kB (50%), 1/3 tablespaces"))
                .isEqualTo(new Progress("putting the backup down on disk", 30712L << 10, 61424L << 10, "bytes"));
        assertThat(BackupSpool.progress("pg_basebackup: error: could not write to file: No space left on device"))
                .isNull();
    }

    private static BackupSpool spool(@Nullable Path configured) {
        PostgresCluster cluster = new PostgresCluster(
                "main",
                Path.of("/data/main"),
                Path.of("/bin"),
                null,
                null,
                "127.0.0.1",
                5432,
                "postgres",
                null,
                "postgres",
                List.of(),
                null,
                null,
                List.of(),
                null,
                Duration.ZERO,
                configured);
        return BackupSpool.of(new ClusterAccess(cluster, new InMemoryObjectStore(), fence -> {}, Map.of(), "1@here"));
    }
}
