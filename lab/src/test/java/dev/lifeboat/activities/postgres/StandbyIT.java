package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.pitrrecovery.PlannedRecovery;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** An archiving primary with two standbys, one by a slot and awaited by commits, one without; its story goes on. */
@Tag("any-engine")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandbyIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final RecoveryTarget GOOD = new RecoveryTarget.AtRestorePoint("good");
    private static final String ORDERS = "select count(*) from orders";

    private static final Path FOLDER = Folders.temporary("standby");
    private static LabPostgres server;
    private static ArchivedCluster cluster;
    private static FollowingServer bySlot;
    private static FollowingServer without;

    @BeforeAll
    static void aPrimaryWithTwoStandbys() throws Exception {
        server = LabPostgres.in(FOLDER.resolve("pg"))
                .settings("wal_keep_size=256MB\nautovacuum=off\n")
                .initdbOptions("--data-checksums", "--wal-segsize=1")
                .start();
        cluster = new ArchivedCluster(server);
        server.execute("create table orders (id int)", "insert into orders select generate_series(1, 100)");
        bySlot = new FollowingServer(server, "replica_a", "slot_of_a");
        without = new FollowingServer(server, "replica_b", "");
        server.execute(
                "alter system set synchronous_standby_names = 'replica_a'",
                "select pg_reload_conf()",
                "insert into orders select generate_series(101, 200)");
        bySlot.awaitAnswer(ORDERS, "200");
        without.awaitAnswer(ORDERS, "200");
    }

    @AfterAll
    static void end() {
        bySlot.close();
        without.close();
        cluster.close();
        Folders.remove(FOLDER);
    }

    @Test
    @Order(1)
    void aBackupOfAPrimaryWithStandbysHoldsNothingOfTheirSlots() throws Exception {
        BaseBackupManifest taken = cluster.backUp();
        server.execute(
                "insert into orders select generate_series(201, 300)",
                "select pg_create_restore_point('good')",
                "insert into orders select generate_series(301, 900)");
        server.switchWal();

        assertThat(taken.allChunks().stream().flatMap(chunk -> chunk.files().stream()))
                .noneMatch(file -> file.toString().contains("slot_of_a"))
                .noneMatch(file -> file.toString().contains("standby.signal"));
        assertThat(cluster.catalog().window("main").holes()).isEmpty();
        assertThat(server.query("select string_agg(slot_name, ',') from pg_replication_slots"))
                .isEqualTo("slot_of_a");
    }

    @Test
    @Order(2)
    void thePlanNamesWhoStreamsFromAClusterThatIsReplacedAndOnlyThere() {
        List<String> named = Objects.requireNonNull(
                        cluster.plan(GOOD, false, null, Placement.IN_PLACE).plan())
                .standbys();

        assertThat(named).hasSize(2);
        assertThat(named.get(0))
                .startsWith("replica_a at 127.0.0.1, by the slot slot_of_a, was sent WAL up to ")
                .endsWith(", synchronous");
        assertThat(named.get(1)).startsWith("replica_b at 127.0.0.1, without a slot, was sent WAL up to ");
        assertThat(Objects.requireNonNull(
                                cluster.plan(GOOD, false, null, Placement.DRILL).plan())
                        .standbys())
                .isEmpty();
    }

    @Test
    @Order(3)
    void aStandbyIsNotRecoveredInPlaceAndIsNoHostForBackups() {
        PlannedRecovery planned = cluster.plan(bySlot.config(), GOOD, Placement.IN_PLACE);

        assertThat(planned.refusals()).singleElement().satisfies(refusal -> {
            assertThat(refusal.code()).isEqualTo(FailureCode.CLUSTER_NOT_READY);
            assertThat(refusal)
                    .hasMessageContaining("is a standby of the server at 127.0.0.1:" + server.port())
                    .hasMessageContaining("second primary")
                    .hasMessageContaining("pg_ctl promote");
            assertThat(refusal.getMessage()).doesNotContain(server.password());
            assertThat(refusal.hint()).contains("--into");
        });
        assertThat(cluster.plan(bySlot.config(), GOOD, Placement.DRILL).refusals())
                .isEmpty();
        ClusterAccess taken = new ClusterAccess(bySlot.config(), cluster.store, fence -> {}, Map.of(), "1@test");
        List<Examination> seen =
                new PostgresDoctorActivitiesImpl(taken, () -> ArchiverStatus.IDLE, false).examine("main");
        assertThat(seen)
                .filteredOn(each -> each.name().equals("in recovery"))
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.verdict()).isEqualTo(Verdict.FAIL);
                    assertThat(each.todo()).contains("name the primary");
                });
        assertThat(seen)
                .anySatisfy(each -> assertThat(each.found()).contains("is a standby of the server at 127.0.0.1:"));
    }

    @Test
    @Order(4)
    void standbysBeyondTheTargetAreNamedWithSlotAndForkAndStayWhatTheyAre() throws Exception {
        bySlot.awaitAnswer(ORDERS, "900");
        without.awaitAnswer(ORDERS, "900");
        RecoveryOrder order = cluster.order(cluster.plan(GOOD, false, null, Placement.IN_PLACE));

        cluster.recover(order);

        assertThat(server.query(ORDERS)).isEqualTo("300");
        String fork = String.valueOf(order.plan().stopLsn());
        assertThat(cluster.reopened().findings())
                .filteredOn(finding -> finding.what().contains("standby(s) cannot follow"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo("high");
                    assertThat(finding.what())
                            .contains("2 standby(s)", "replica_a at 127.0.0.1, by the slot slot_of_a")
                            .contains("replica_b at 127.0.0.1, without a slot")
                            .contains("timeline 1 was left at " + fork);
                    assertThat(finding.hint())
                            .contains("promote none of them", "pg_rewind", "pg_basebackup")
                            .contains("select pg_create_physical_replication_slot('slot_of_a', true)");
                });
        assertThat(cluster.reopened().findings())
                .extracting(Finding::what)
                .anyMatch(what -> what.contains("1 replication slot(s)") && what.contains("slot_of_a"));
        without.awaitLogged(
                "new timeline 2 forked off current database system timeline 1 before current recovery point");
        bySlot.awaitLogged("replication slot \"slot_of_a\" does not exist");
        for (FollowingServer standby : List.of(bySlot, without)) {
            assertThat(standby.query("select pg_is_in_recovery()")).isEqualTo("t");
            assertThat(standby.query(ORDERS)).isEqualTo("900");
        }
    }

    @Test
    @Order(5)
    void thatCommitsWaitForAStandbyThatIsGoneIsAFailedCheck() throws Exception {
        assertThat(cluster.reopened().checks())
                .filteredOn(check -> check.verdict() == Verdict.FAIL)
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.name()).isEqualTo("standbys that commits wait for");
                    assertThat(check.expected()).contains("replica_a");
                    assertThat(check.observed()).isEqualTo("0 attached");
                });
        Finding waits = cluster.reopened().findings().stream()
                .filter(finding -> finding.what().startsWith("every commit in the recovered cluster waits"))
                .findFirst()
                .orElseThrow();
        String[] advice = waits.hint().split("\"", -1);

        server.execute(advice[1], advice[3]);

        await().atMost(LIMIT).until(() -> String.valueOf(server.query("show synchronous_standby_names"))
                .isEmpty());
        server.execute("insert into orders values (301)");
        assertThat(server.query(ORDERS)).isEqualTo("301");
    }

    @Test
    @Order(6)
    void aStandbyThatIsRewoundFollowsTheRecoveredCluster() {
        server.execute("checkpoint");

        without.rewind();

        without.awaitAnswer(ORDERS, String.valueOf(server.query(ORDERS)));
        server.execute("insert into orders values (302)");
        without.awaitAnswer(ORDERS, String.valueOf(server.query(ORDERS)));
        assertThat(without.query("select pg_is_in_recovery()")).isEqualTo("t");
    }
}
