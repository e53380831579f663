package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ControlFileTest {

    private static final Path DATA = Path.of("/var/lib/postgresql/15/main");
    private static final String GOOD =
            """
            pg_control version number:            1300
            Database system identifier:           7712234429805865398
            Database cluster state:               shut down
            """;

    @Test
    void whatPgControldataPrintsIsReadByItsNames() {
        ControlFile control = ControlFile.parse(GOOD, "", DATA);

        assertThat(control.systemId()).isEqualTo("7712234429805865398");
        assertThat(control.state()).isEqualTo("shut down");
    }

    /** PostgreSQL 15 and 16 warn on standard output, newer ones on standard error; all of them exit with 0. */
    @Test
    void aDamagedFileIsNotBelievedWhereverTheWarningStands() {
        String fifteen = "WARNING: Calculated CRC checksum does not match value stored in file.\n" + GOOD;
        String eighteen =
                "pg_controldata: warning: calculated CRC checksum does not match value stored in control file";

        assertThatThrownBy(() -> ControlFile.parse(fifteen, "", DATA))
                .isInstanceOf(RecoveryFailure.class)
                .hasMessageContaining(DATA.toString())
                .hasMessageContaining("checksum");
        assertThatThrownBy(() -> ControlFile.parse(GOOD, eighteen, DATA)).isInstanceOf(RecoveryFailure.class);
    }
}
