package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestoreWordsTest {

    /** Nothing that is said of a server which is gone may be taken for a word about the dump. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pg_restore: error: could not execute query: server closed the connection unexpectedly",
                "pg_restore: error: error returned by PQputCopyData: no connection to the server",
                "pg_restore: error: error returned by PQputCopyEnd: SSL SYSCALL error: EOF detected",
                "pg_restore: error: could not execute query: SSL connection has been closed unexpectedly",
                "pg_restore: error: could not receive data from server: Connection reset by peer",
                "pg_restore: error: could not execute query: FATAL:  terminating connection due to administrator command",
                "psql: error: connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  the database system is in recovery mode"
            })
    void aServerThatIsGoneIsNotTheDumpsFault(String said) {
        assertThat(failure(said).code()).isEqualTo(FailureCode.DATABASE_UNREACHABLE);
    }

    @Test
    void aStatementThatIsRefusedIs() {
        RecoveryFailure failure = failure(
                "pg_restore: error: could not execute query: ERROR:  function slow() does not exist",
                "Command was: CREATE TABLE public.odd (n integer)");

        assertThat(failure.code()).isEqualTo(FailureCode.RESTORE_FAILED);
        assertThat(failure).hasMessageContaining("slow()").hasMessageContaining("CREATE TABLE public.odd");
    }

    @Test
    void aProgramThatWasKilledSaysNothingOfTheDump() {
        RecoveryFailure killed = RestoreWords.ended("pg_restore", 137, List.of(), "shop");
        RecoveryFailure child = RestoreWords.ended(
                "pg_restore", 1, List.of("pg_restore: error: a worker process died unexpectedly"), "shop");

        assertThat(killed.code()).isEqualTo(FailureCode.COMMAND_FAILED);
        assertThat(killed).hasMessage("pg_restore of shop was ended by signal 9");
        assertThat(child.code()).isEqualTo(FailureCode.COMMAND_FAILED);
        assertThat(RestoreWords.ended("pg_restore", 1, List.of("pg_restore: error: no"), "shop")
                        .code())
                .isEqualTo(FailureCode.RESTORE_FAILED);
    }

    private static RecoveryFailure failure(String... said) {
        return RestoreWords.failed("pg_restore", List.of(said), "shop");
    }
}
