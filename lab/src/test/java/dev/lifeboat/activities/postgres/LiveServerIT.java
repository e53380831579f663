package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveState;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("any-engine")
class LiveServerIT {

    private final Path folder = Folders.temporary("live-server");

    @AfterEach
    void removeFolder() {
        Folders.remove(folder);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerIsStoppedProvedDownAndStartedAgainInBothLayouts(boolean debian) {
        try (LabPostgres postgres = start(debian)) {
            LiveWorld world = LiveWorld.of(postgres);
            LiveStopStart server = new LiveStopStart(world.context);
            postgres.execute("create table t (n int)", "insert into t values (42)");
            assertThat(look(world)).isEqualTo(LiveState.RUNNING);

            StepOutcome stopped = server.stop(world.order("run"));
            assertThat(stopped.checks()).extracting(Check::verdict).containsExactly(Verdict.PASS);
            assertThat(look(world)).isEqualTo(LiveState.STOPPED);
            assertThat(server.stop(world.order("run")).detail()).isEqualTo("was not running");

            assertThat(server.start(world.order("run"), () -> accepts(world))).isEqualTo("started");
            assertThat(server.start(world.order("run"), () -> accepts(world))).isEqualTo("found running");
            assertThat(postgres.query("select n from t")).isEqualTo("42");
        }
    }

    @Test
    void configuredCommandsAreUsedAndAStopThatDoesNotStopIsAFinding() throws IOException {
        try (LabPostgres postgres = start(false)) {
            Path called = folder.resolve("called");
            String pgCtl = String.join(
                            " ",
                            new ServerUser(postgres.config().runAs())
                                    .command(List.of(postgres.binDirectory()
                                            .resolve("pg_ctl")
                                            .toString())))
                    + " -D " + postgres.dataDirectory();
            LiveWorld world = new LiveWorld(
                    postgres,
                    withCommands(
                            postgres.config(),
                            "echo start >> " + called + "; " + pgCtl + " start -W -l " + postgres.log(),
                            "echo stop >> " + called + "; exit 3"));
            LiveStopStart server = new LiveStopStart(world.context);

            StepOutcome stopped = server.stop(world.order("run"));
            server.start(world.order("run"), () -> accepts(world));

            assertThat(called).hasContent("stop\nstart\n");
            assertThat(stopped.detail()).isEqualTo("fast shutdown");
            assertThat(stopped.findings()).singleElement().satisfies(finding -> assertThat(finding.what())
                    .contains("exited with 3"));
        }
    }

    @Test
    void aServerWhoseDirectoryWasRemovedUnderItIsStillFoundAndStopped() throws IOException {
        try (LabPostgres postgres = start(false)) {
            LiveWorld world = LiveWorld.of(postgres);
            FileTrees.delete(postgres.dataDirectory());
            assertThat(new LiveServer(world.context).look().runs()).isTrue();
            assertThat(look(world)).isEqualTo(LiveState.GONE);

            new LiveStopStart(world.context).stop(world.order("run"));

            assertThat(ServerProcesses.of(postgres.dataDirectory())).isEmpty();
        }
    }

    @Test
    void aHalfGoneDirectoryIsDamagedAndSaysWhatIsMissing() throws IOException {
        try (LabPostgres postgres = start(false)) {
            LiveWorld world = LiveWorld.of(postgres);
            postgres.stopFast();
            FileTrees.delete(postgres.dataDirectory().resolve("pg_xact"));
            Files.delete(postgres.dataDirectory().resolve("global/pg_control"));

            LiveServer.Status status = new LiveServer(world.context).look();

            assertThat(status.state()).isEqualTo(LiveState.DAMAGED);
            assertThat(status.detail()).contains("global/pg_control", "pg_xact");
        }
    }

    @Test
    void aPortThatSomebodyElseHoldsIsNotTakenForAStoppedServer() throws IOException {
        try (LabPostgres postgres = start(false)) {
            LiveWorld world = LiveWorld.of(postgres);
            postgres.stopFast();
            try (ServerSocket other = new ServerSocket(postgres.port(), 200, InetAddress.getByName("127.0.0.1"))) {
                assertThat(other.isBound()).isTrue();

                assertThatThrownBy(() -> new LiveStopStart(world.context).stop(world.order("run")))
                        .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                                .isEqualTo(FailureCode.SERVER_STILL_RUNNING));
            }
        }
    }

    @Test
    void aServerThatCannotStartSaysWhyInItsOwnWords() throws IOException {
        try (LabPostgres postgres = start(false)) {
            LiveWorld world = LiveWorld.of(postgres);
            postgres.stopFast();
            Path data = postgres.dataDirectory();

            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
            assertDoesNotStart(world, FailureCode.DATA_DIRECTORY_UNUSABLE, "chmod 0700 " + data);
            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
            try (ServerSocket other = new ServerSocket(postgres.port(), 200, InetAddress.getByName("127.0.0.1"))) {
                assertThat(other.isBound()).isTrue();
                assertDoesNotStart(world, FailureCode.PORT_TAKEN, "ss -ltnp");
            }
            Files.delete(data.resolve("global/pg_control"));
            RecoveryFailure failure = assertDoesNotStart(world, FailureCode.SERVER_DID_NOT_START, "read its log");
            assertThat(failure).hasMessageContaining("pg_control");
        }
    }

    private static RecoveryFailure assertDoesNotStart(LiveWorld world, FailureCode code, String hint) {
        RecoveryFailure failure = assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> new LiveStopStart(world.context).start(world.order("run"), () -> accepts(world)))
                .actual();
        assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
        assertThat(failure.hint()).contains(hint, "lifeboat retry");
        return failure;
    }

    /** Its server runs elsewhere: to this host the cluster is gone, and would be "recovered" beside the real one. */
    @Test
    void aWorkerOnAnotherHostThanItsClusterIsRefusedByThePlan() throws IOException {
        try (LabPostgres postgres = start(false)) {
            LiveWorld world = LiveWorld.of(postgres);
            LiveContext elsewhere = new LiveContext(
                    withData(postgres.config(), Files.createDirectories(folder.resolve("elsewhere"))),
                    world.context.user(),
                    world.context.leases(),
                    world.context.environment(),
                    world.context.workerName());
            FactsQuery query =
                    new FactsQuery("main", new RecoveryTarget.Latest(), false, null, Placement.IN_PLACE, null, 0);

            assertThat(new Obstacles(elsewhere).find(query))
                    .anyMatch(obstacle -> obstacle.startsWith("WRONG_HOST: no server runs in ")
                            && obstacle.contains("one answers at ")
                            && obstacle.contains(Integer.toString(postgres.port())));
            assertThat(new Obstacles(world.context).find(query)).noneMatch(each -> each.startsWith("WRONG_HOST"));
            postgres.stopFast();
            assertThat(new Obstacles(world.context).find(query)).noneMatch(each -> each.startsWith("WRONG_HOST"));
        }
    }

    /** Both run here; the address is that of the other one. */
    @Test
    void anAddressThatNamesAnotherClusterIsRefusedBeforeABackupAndBeforeARecovery() {
        try (LabPostgres postgres = start(false);
                LabPostgres other = LabPostgres.in(folder.resolveSibling(folder.getFileName() + "-other"))
                        .start()) {
            PostgresCluster mixed = withData(other.config(), postgres.dataDirectory());
            InMemoryObjectStore store = new InMemoryObjectStore();
            ClusterAccess access = new ClusterAccess(mixed, store, fence -> {}, Map.of(), "1@test");
            String own = ControlFile.read(
                            mixed.binary("pg_controldata"), new ServerUser(mixed.runAs()), mixed.dataDirectory())
                    .systemId();
            String theirs = other.query("select system_identifier::text from pg_control_system()");
            assertThat(own).isNotEqualTo(theirs);

            assertThatThrownBy(() -> new BaseBackupTaker(access, BackupWorld.FENCE, BackupWorld.NOBODY, 4 << 20).take())
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                        assertThat(failure.code()).isEqualTo(FailureCode.WRONG_SYSTEM_ID);
                        assertThat(failure.hint()).contains("host, port and data-directory");
                    })
                    .hasMessageContainingAll(own, theirs, mixed.dataDirectory().toString(), "" + other.port());
            assertThat(store.list("")).isEmpty();
            FactsQuery query =
                    new FactsQuery("main", new RecoveryTarget.Latest(), false, null, Placement.IN_PLACE, null, 0);
            assertThat(new Obstacles(new LiveWorld(postgres, mixed).context).find(query))
                    .anyMatch(obstacle -> obstacle.startsWith("WRONG_SYSTEM_ID: the server at ")
                            && obstacle.contains(own)
                            && obstacle.contains(theirs));
            assertThat(new Obstacles(LiveWorld.of(postgres).context).find(query))
                    .noneMatch(obstacle -> obstacle.startsWith("WRONG_SYSTEM_ID"));
            Folders.remove(other.root());
        }
    }

    private static PostgresCluster withData(PostgresCluster c, Path data) {
        return new PostgresCluster(
                c.name(),
                data,
                c.binDirectory(),
                c.configFile(),
                c.runAs(),
                c.host(),
                c.port(),
                c.user(),
                c.password(),
                c.database(),
                c.databases(),
                c.start(),
                c.stop(),
                c.smokeTests(),
                c.objectives(),
                c.markerInterval());
    }

    /** Waiting would not help: its owner must hear of it at once. */
    @Test
    void aServerWhoseOwnRulesKeepUsOutIsNotTakenForOneThatDoesNotStart() throws IOException {
        try (LabPostgres postgres = start(false)) {
            LiveWorld world = LiveWorld.of(postgres);
            postgres.stopFast();
            Files.writeString(postgres.dataDirectory().resolve("pg_hba.conf"), "host all all 0.0.0.0/0 reject\n");

            assertThatThrownBy(() -> new LiveStopStart(world.context).start(world.order("run"), () -> accepts(world)))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.LOGIN_REFUSED))
                    .hasMessageContaining("pg_hba.conf rejects");
            assertThat(new LiveServer(world.context).look().runs()).isTrue();
        }
    }

    private static PostgresCluster withCommands(PostgresCluster c, String start, String stop) {
        return new PostgresCluster(
                c.name(),
                c.dataDirectory(),
                c.binDirectory(),
                c.configFile(),
                c.runAs(),
                c.host(),
                c.port(),
                c.user(),
                c.password(),
                c.database(),
                c.databases(),
                start,
                stop,
                c.smokeTests(),
                c.objectives(),
                c.markerInterval());
    }

    private LabPostgres start(boolean debian) {
        LabPostgres.Builder builder = LabPostgres.in(folder);
        return debian ? builder.debianLayout().start() : builder.start();
    }

    private static LiveState look(LiveWorld world) {
        return new LiveServer(world.context).look().state();
    }

    private static LiveDatabase.Answer accepts(LiveWorld world) {
        return new LiveDatabase(world.context).tryLogin(world.cluster.port());
    }
}
