package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterAccessTest {

    private static final ClusterAccess ACCESS = new ClusterAccess(
            new PostgresCluster(
                    "main",
                    Path.of("/data"),
                    Path.of("/bin"),
                    null,
                    null,
                    "db-1",
                    5432,
                    "lifeboat",
                    null,
                    "postgres",
                    List.of(),
                    null,
                    null,
                    List.of(),
                    null,
                    Duration.ZERO),
            new InMemoryObjectStore(),
            fence -> {},
            Map.of(),
            "1@test");

    @Test
    void aDiskThatFillsUpUnderABackupIsNotTakenForAMissingRight() throws Exception {
        Process ended = new ProcessBuilder("sh", "-c", "exit 1").start();
        ended.waitFor();

        RecoveryFailure full = new BackupProgram(ACCESS)
                .failed(ended, "could not write to file: No space left on device", new IOException("broken pipe"));
        RecoveryFailure other = new BackupProgram(ACCESS).failed(ended, "no such role", new IOException("broken pipe"));

        assertThat(full.code()).isEqualTo(FailureCode.TOO_LITTLE_SPACE);
        assertThat(full.hint()).contains("spool-directory of main", "lifeboat retry");
        assertThat(other.code()).isEqualTo(FailureCode.COMMAND_FAILED);
        assertThat(other.hint()).contains("may replicate");
    }

    @Test
    void workOnLocalFilesTellsAFullDiskFromABrokenOne() {
        RecoveryFailure full = FileTrees.failed("save the WAL", new IOException("/x: No space left on device"));

        assertThat(full.code()).isEqualTo(FailureCode.TOO_LITTLE_SPACE);
        assertThat(full.hint()).contains("free space", "lifeboat retry");
        assertThat(FileTrees.failed("save the WAL", new IOException("/x: Input/output error"))
                        .code())
                .isEqualTo(FailureCode.IO_FAILED);
    }

    @ParameterizedTest
    @CsvSource({
        "28P01, LOGIN_REFUSED, password",
        "28000, LOGIN_REFUSED, pg_hba.conf",
        "08001, DATABASE_UNREACHABLE, that it runs",
        "57P03, DATABASE_UNREACHABLE, that it runs",
        ", DATABASE_UNREACHABLE, that it runs"
    })
    void aWrongPasswordIsNotTakenForAServerThatIsAway(String sqlState, FailureCode code, String hint) {
        RecoveryFailure failure = ACCESS.unreachable(new SQLException("its words", sqlState));

        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.code().isRetriedByMachine()).isEqualTo(code == FailureCode.DATABASE_UNREACHABLE);
        assertThat(failure).hasMessageContaining("main").hasMessageContaining("its words");
        assertThat(failure.hint()).contains(hint, "lifeboat.yaml");
    }
}
