package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("any-engine")
class QuiesceIT {

    private final Path folder = Folders.temporary("quiesce");

    @AfterEach
    void removeFolder() {
        Folders.remove(folder);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClosedClusterEndsSessionsRefusesLoginsAndIsOpenedByteForByte(boolean debian) throws Exception {
        try (LabPostgres postgres = start(debian)) {
            LiveWorld world = LiveWorld.of(postgres);
            Path hba = hbaOf(postgres);
            Path ident = hba.resolveSibling("pg_ident.conf");
            byte[] hbaBefore = Files.readAllBytes(hba);
            byte[] identBefore = Files.readAllBytes(ident);
            Quiesce quiesce = new Quiesce(world.context);
            try (Connection application = postgres.connect()) {
                StepOutcome closed = quiesce.close(world.order("run"));

                assertThat(closed.checks())
                        .hasSize(2)
                        .extracting(Check::verdict)
                        .containsOnly(Verdict.PASS);
                // A session of ours that has not left yet is one of them.
                assertThat(closed.detail()).matches("closed; [1-9]\\d* session\\(s\\) ended");
                assertThat(application.isValid(2)).isFalse();
                assertThatThrownBy(postgres::connect).isInstanceOf(SQLException.class);
                assertThat(quiesce.knock().accepted()).isTrue();
            }
            assertThat(quiesce.close(world.order("run")).detail()).startsWith("closed; ");

            quiesce.lift(world.order("run"));

            assertThat(hba).hasBinaryContent(hbaBefore);
            assertThat(ident).hasBinaryContent(identBefore);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(postgres.query("select 1")).isEqualTo("1"));
        }
    }

    @Test
    void aClusterThatIsStillOpenIsNotProvedClosed() {
        try (LabPostgres postgres = start(false)) {
            LiveWorld world = LiveWorld.of(postgres);
            ClosedServer open = new ClosedServer(world.context);
            LocalPsql psql =
                    LocalPsql.of(world.context, postgres.dataDirectory()).orElseThrow();

            assertThatThrownBy(() -> open.proveRules(psql))
                    .isInstanceOf(RecoveryFailure.class)
                    .hasMessageContaining("access rules should be");
            assertThatThrownBy(open::proveRefusal)
                    .isInstanceOf(RecoveryFailure.class)
                    .hasMessageContaining("should be refused and was let in");
        }
    }

    @Test
    void aSuperuserRoleOfAnotherNameIsLetInByAMap() throws IOException {
        try (LabPostgres postgres = start(false)) {
            postgres.execute("create role admin superuser login password '" + postgres.password() + "'");
            PostgresCluster as = withUser(postgres.config(), "admin");
            LiveWorld world = new LiveWorld(postgres, as);
            Path ident = hbaOf(postgres).resolveSibling("pg_ident.conf");
            byte[] identBefore = Files.readAllBytes(ident);
            Quiesce quiesce = new Quiesce(world.context);

            quiesce.close(world.order("run"));

            assertThat(quiesce.knock().accepted()).isTrue();
            quiesce.lift(world.order("run"));
            assertThat(ident).hasBinaryContent(identBefore);
        }
    }

    @Test
    void aClosedClusterStaysClosedThroughAStopAndAStart() {
        try (LabPostgres postgres = start(true)) {
            LiveWorld world = LiveWorld.of(postgres);
            Quiesce quiesce = new Quiesce(world.context);
            LiveStopStart server = new LiveStopStart(world.context);
            quiesce.close(world.order("run"));
            server.stop(world.order("run"));

            server.start(world.order("run"), quiesce::knock);

            assertThatThrownBy(postgres::connect).isInstanceOf(SQLException.class);
            quiesce.lift(world.order("run"));
            Awaitility.await()
                    .untilAsserted(() -> assertThat(postgres.query("select 1")).isEqualTo("1"));
        }
    }

    @Test
    void aDeadServersRulesAreClosedTooAndAGoneOneIsNoObstacle() throws IOException {
        try (LabPostgres postgres = start(false)) {
            LiveWorld world = LiveWorld.of(postgres);
            byte[] before = Files.readAllBytes(postgres.dataDirectory().resolve("pg_hba.conf"));
            postgres.kill();
            // Its children end by themselves, a moment later, and are a server as long as they are there.
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> ServerProcesses.of(postgres.dataDirectory())
                    .isEmpty());
            Quiesce quiesce = new Quiesce(world.context);

            assertThat(quiesce.close(world.order("run")).detail()).contains("does not run");
            assertThat(ClosedAccess.isClosed(
                            Files.readAllBytes(postgres.dataDirectory().resolve("pg_hba.conf"))))
                    .isTrue();
            quiesce.lift(world.order("run"));
            assertThat(postgres.dataDirectory().resolve("pg_hba.conf")).hasBinaryContent(before);

            FileTrees.delete(postgres.dataDirectory());
            assertThat(quiesce.close(world.order("other")).detail()).contains("is gone");
        }
    }

    @Test
    void whatHungOnTheClusterIsRemembered() {
        try (LabPostgres postgres = LabPostgres.in(folder)
                .settings("max_prepared_transactions = 5\nwal_level = logical")
                .start()) {
            LiveWorld world = LiveWorld.of(postgres);
            postgres.execute(
                    "select pg_create_physical_replication_slot('standby_1')",
                    "create table t (n int)",
                    "begin; insert into t values (1); prepare transaction 'order-7'");

            Quiesce quiesce = new Quiesce(world.context);
            quiesce.close(world.order("run"));

            Stranded stranded = quiesce.stranded(world.order("run"));
            assertThat(stranded.slots()).containsExactly("standby_1");
            assertThat(stranded.preparedTransactions()).containsExactly("order-7");
            assertThat(stranded.findings(Optional.empty()))
                    .extracting(Finding::what)
                    .anyMatch(what -> what.contains("order-7"));
        }
    }

    private LabPostgres start(boolean debian) {
        LabPostgres.Builder builder = LabPostgres.in(folder);
        return debian ? builder.debianLayout().start() : builder.start();
    }

    private static Path hbaOf(LabPostgres postgres) {
        return Path.of(String.valueOf(postgres.query("show hba_file")));
    }

    private static PostgresCluster withUser(PostgresCluster c, String user) {
        return new PostgresCluster(
                c.name(),
                c.dataDirectory(),
                c.binDirectory(),
                c.configFile(),
                c.runAs(),
                c.host(),
                c.port(),
                user,
                c.password(),
                c.database(),
                c.databases(),
                c.start(),
                c.stop(),
                c.smokeTests(),
                c.objectives(),
                c.markerInterval());
    }
}
