package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DumpFailureTest {

    private final DumpFailure failure = new DumpFailure(
            new ClusterAccess(
                    new PostgresCluster(
                            "main",
                            Path.of("/data"),
                            Path.of("/bin"),
                            null,
                            null,
                            "127.0.0.1",
                            1,
                            "backup",
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
                    "1@here"),
            "shop");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pg_dump: error: query failed: ERROR:  permission denied for table secret | CLUSTER_NOT_READY | permission denied for table secret | pg_read_all_data",
                "pg_dump: error: query failed: ERROR:  query would be affected by row-level security policy for table \"item\" | CLUSTER_NOT_READY | policy for table \"item\" | bypassrls",
                "pg_dump: error: aborting because of server version mismatch | CLUSTER_NOT_READY | version mismatch | bin-directory",
                "pg_dump: error: connection to server failed: FATAL:  the database system is shutting down | COMMAND_FAILED | exit code 1 | log",
            })
    void whatTryingAgainDoesNotMendIsForAPerson(String said, FailureCode code, String sentence, String hint) {
        RecoveryFailure told = failure.of("pg_dump", 1, said);

        assertThat(told.code()).isEqualTo(code);
        assertThat(told)
                .hasMessageStartingWith("cannot dump the database shop of main: ")
                .hasMessageContaining(sentence);
        assertThat(told.hint()).contains(hint);
    }
}
