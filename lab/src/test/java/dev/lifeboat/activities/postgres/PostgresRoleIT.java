package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.config.LifeboatConfig.Generations;
import dev.lifeboat.config.LifeboatConfig.Retention;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities.BackupOrder;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities.BackupRef;
import dev.lifeboat.workflows.contract.postgres.PostgresBackupActivities.TakenBackup;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.SetupOrder;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("any-engine")
class PostgresRoleIT {

    private BackupWorld world;
    private PostgresRole role;
    private TestActivityEnvironment temporal;
    private PostgresBackupActivities backups;
    private PostgresCatalogActivities catalog;

    @BeforeEach
    void start() throws IOException {
        world = BackupWorld.start("");
        role = new PostgresRole(
                world.server.config(),
                Map.of(),
                new Retention(new Generations(2, 0, 0, 0, 0), 2, Duration.ZERO, Duration.ZERO, Duration.ZERO),
                world.store,
                fence -> {},
                Map.of(),
                "1@here",
                false);
        temporal = TestActivityEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                        .setDataConverter(PayloadMapper.dataConverter())
                        .build())
                .build());
        temporal.registerActivitiesImplementations(role.activities().toArray());
        backups = temporal.newActivityStub(PostgresBackupActivities.class);
        catalog = temporal.newActivityStub(PostgresCatalogActivities.class);
        role.start();
    }

    @AfterEach
    void stop() throws IOException {
        role.close();
        temporal.close();
        world.close();
    }

    @Test
    void aServerThatWasNotSetUpIsRefusedWithWhatToDo() {
        assertThatThrownBy(() -> backups.checkCluster("main"))
                .isInstanceOf(ActivityFailure.class)
                .hasRootCauseMessage("message='cannot back up main: archive_mode should be on, and is off', "
                        + "type='dev.lifeboat.workflows.domain.RecoveryFailure', nonRetryable=false");
    }

    @Test
    void setUpBackUpAwaitWalAndReadBackInOneGo() {
        assertThat(catalog.setup(new SetupOrder("main", true)).restartNeeded()).isTrue();
        world.server.restart();

        assertThat(backups.checkCluster("main").checks()).hasSizeGreaterThan(5);
        TakenBackup taken = backups.takeBaseBackup(new BackupOrder("main", BackupWorld.FENCE));
        BackupRef reference =
                new BackupRef("main", BackupWorld.FENCE, taken.backup().id());

        assertThat(backups.awaitWal(reference).detail()).contains("1 segment,");
        assertThat(backups.verifyBaseBackup(reference).checks()).hasSize(1);
        assertThat(catalog.window("main").ranges()).hasSize(1);
        assertThat(catalog.listBackups("main")).hasSize(1);
    }

    @Test
    void theMarkerMovesOnItsOwn() {
        catalog.setup(new SetupOrder("main", true));
        String before = world.server.query("select at from lifeboat.marker");

        await().atMost(Duration.ofSeconds(60))
                .until(() -> !String.valueOf(world.server.query("select at from lifeboat.marker"))
                        .equals(before));
    }
}
