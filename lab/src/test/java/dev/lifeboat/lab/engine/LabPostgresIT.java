package dev.lifeboat.lab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("any-engine")
class LabPostgresIT {

    private final Path folder = Folders.temporary("lab-postgres");

    @AfterEach
    void removeFolder() {
        Folders.remove(folder);
    }

    @Test
    void whatWasCommittedIsThereAfterKillMinusNine() {
        try (LabPostgres postgres = LabPostgres.start(folder)) {
            postgres.execute("create table t (n int)", "insert into t values (42)");

            postgres.kill();
            assertThat(postgres.isRunning()).isFalse();
            postgres.start();

            assertThat(postgres.query("select n from t")).isEqualTo("42");
            assertThat(postgres.query("show track_commit_timestamp")).isEqualTo("on");
        }
    }

    @Test
    void overTcpItWantsTheGeneratedPassword() {
        try (LabPostgres postgres = LabPostgres.start(folder)) {
            assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), "wrong"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
        }
    }

    @Test
    void withDebiansLayoutTheConfigurationLiesOutsideOfTheDataDirectory() {
        try (LabPostgres postgres = LabPostgres.in(folder).debianLayout().start()) {
            postgres.restart();

            assertThat(postgres.dataDirectory().resolve("postgresql.conf")).doesNotExist();
            assertThat(postgres.query("show data_directory"))
                    .isEqualTo(postgres.dataDirectory().toString());
            assertThat(postgres.query("show hba_file"))
                    .isEqualTo(postgres.root().resolve("etc/main/pg_hba.conf").toString());
        }
    }

    @Test
    void closingEndsEveryServerBelowItsFolderAndNoOther() {
        Path otherFolder = Folders.temporary("lab-postgres");
        try (LabPostgres other = LabPostgres.start(otherFolder)) {
            LabPostgres postgres = LabPostgres.start(folder);

            postgres.close();

            assertThat(ServersBelow.find(folder)).isEmpty();
            assertThat(Files.exists(postgres.dataDirectory().resolve("postmaster.pid")))
                    .isFalse();
            assertThat(other.query("select 1")).isEqualTo("1");
        }
        Folders.remove(otherFolder);
    }
}
