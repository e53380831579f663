package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Extension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationGlobalsTest {

    @Test
    void tablespacesNeverLeadToTheFoldersOfTheLiveCluster() {
        String globals = VerificationGlobals.harmless(
                """
                CREATE ROLE app;
                CREATE TABLESPACE fast OWNER app LOCATION '/mnt/fast/it''s here';
                CREATE TABLESPACE "LOCATION 'x'" OWNER app LOCATION E'/mnt/\\\\odd';
                  create tablespace of_a_kind that_nobody_knows '/mnt/slow';
                GRANT CREATE ON TABLESPACE fast TO app;
                """);

        assertThat(globals.lines())
                .containsExactly(
                        "CREATE ROLE app;",
                        "CREATE TABLESPACE fast OWNER app LOCATION '';",
                        "CREATE TABLESPACE \"LOCATION 'x'\" OWNER app LOCATION '';",
                        "-- left out: a tablespace",
                        "GRANT CREATE ON TABLESPACE fast TO app;");
    }

    @Test
    void settingsOfTheServerAndProgramsStayOutside() {
        String globals = VerificationGlobals.harmless(
                """
                ALTER SYSTEM SET archive_command = 'cp %p /archive/%f';
                \\! touch /tmp/x
                ALTER ROLE app SET search_path TO app;
                """);

        assertThat(globals).doesNotContain("archive_command", "touch").contains("ALTER ROLE app SET search_path");
    }

    @Test
    void whatIsThereAlreadyIsNoFinding() {
        List<Finding> none = VerificationGlobals.refused("psql:g.sql:3: ERROR:  role \"app\" already exists\n");
        List<Finding> one = VerificationGlobals.refused(
                "psql:g.sql:3: ERROR:  role \"app\" already exists\npsql:g.sql:9: ERROR:  unrecognized parameter \"x.y\"\n");

        assertThat(none).isEmpty();
        assertThat(one).singleElement().satisfies(finding -> assertThat(finding.what())
                .contains("1 statement", "unrecognized parameter"));
    }

    @Test
    void onlyLibrariesThatExtensionsNeedArePreloaded() {
        List<Extension> extensions = List.of(
                new Extension("postgis", "3.4", "public"),
                new Extension("timescaledb", "2.1", "public"),
                new Extension("pg_cron", "1.6", "pg_catalog"));

        assertThat(ThrowawaySettings.libraries(extensions)).isEqualTo("pg_cron,timescaledb");
        assertThat(ThrowawaySettings.libraries(List.of())).isEmpty();
    }

    @Test
    void programsOfOtherVersionsAreFoundBesideTheConfiguredOnes(@TempDir Path root) throws IOException {
        Path configured = programs(root.resolve("15/bin"), "postgres (PostgreSQL) 15.18 (Debian 15.18-1)");
        Path newer = programs(root.resolve("17/bin"), "postgres (PostgreSQL) 17.2");
        programs(root.resolve("other/bin"), "postgres (PostgreSQL) 16.1");
        Files.delete(
                programs(root.resolve("18/bin"), "postgres (PostgreSQL) 18.0").resolve("initdb"));

        var found = ServerPrograms.on(configured, new ServerUser(null));

        assertThat(found).containsOnlyKeys(15, 17);
        assertThat(found).containsEntry(15, configured.toString()).containsEntry(17, newer.toString());
    }

    private static Path programs(Path folder, String says) throws IOException {
        Files.createDirectories(folder);
        for (String name : List.of("postgres", "initdb", "pg_ctl", "pg_restore", "psql")) {
            Path program = Files.writeString(folder.resolve(name), "#!/bin/sh\necho '" + says + "'\n");
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return folder;
    }

    @Test
    void onePercentIsMeasuredAgainstTheLarger() {
        assertThat(ProductionComparison.isApart(1000, 1010)).isFalse();
        assertThat(ProductionComparison.isApart(1000, 1011)).isTrue();
        assertThat(ProductionComparison.isApart(1000, 989)).isTrue();
        assertThat(ProductionComparison.isApart(0, 0)).isFalse();
        assertThat(ProductionComparison.isApart(0, 1)).isTrue();
    }
}
