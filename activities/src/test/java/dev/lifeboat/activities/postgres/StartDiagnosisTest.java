package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With the words of PostgreSQL 15 to 18; that a server really says them is shown in {@code LiveServerIT}. */
class StartDiagnosisTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            data directory "/data" has wrong ownership                          | DATA_DIRECTORY_UNUSABLE | chown -R postgres: /data
            data directory "/data" has invalid permissions                      | DATA_DIRECTORY_UNUSABLE | chmod 0700 /data
            could not bind IPv4 address "127.0.0.1": Address already in use     | PORT_TAKEN              | ss -ltnp
            could not create lock file "postmaster.pid": No space left on device | TOO_LITTLE_SPACE       | free space
            unrecognized configuration parameter "shared_bufers"                | SERVER_DID_NOT_START    | read its log (/log)
            """)
    void whatTheServerSaidDecidesWhatHelps(String said, FailureCode code, String hint) {
        RecoveryFailure failure =
                StartDiagnosis.of(Path.of("/data"), "FATAL:  " + said + "\n", "postgres", Path.of("/log"));

        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure).hasMessage("cannot start the server in /data: FATAL:  " + said);
        assertThat(failure.hint()).contains(hint, "lifeboat retry");
    }
}
