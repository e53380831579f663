package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryWorkspaceTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void theSameRunFindsItsCopyAgain() throws IOException {
        begin(fence("run-a", 3));

        workspace().claim(fence("run-a", 3)).close();

        assertThat(workspace().copy().resolve("PG_VERSION")).exists();
        assertThat(workspace().has("restored")).isTrue();
    }

    @Test
    void aLaterRunOfTheTargetThrowsTheCopyOfTheEarlierAway() throws IOException {
        begin(fence("run-a", 3));

        workspace().claim(fence("run-b", 4)).close();

        assertThat(workspace().copy()).doesNotExist();
        assertThat(workspace().has("restored")).isFalse();
        assertThat(workspace().belongsTo(fence("run-b", 4))).isTrue();
    }

    @Test
    void anEarlierRunIsFencedOutOfTheWorkspaceOfALater() throws IOException {
        begin(fence("run-b", 4));

        assertThatThrownBy(() -> workspace().claim(fence("run-a", 3)))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.FENCED_OUT));

        assertThat(workspace().copy().resolve("PG_VERSION")).exists();
    }

    @Test
    void aFolderThatIsNotOursIsLeftAlone() throws IOException {
        Files.createDirectories(folder.resolve("work"));
        Path precious = Files.writeString(folder.resolve("work/thesis.txt"), "years");

        assertThatThrownBy(() -> workspace().claim(fence("run-a", 3)))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.UNEXPECTED_STATE));

        assertThat(precious).hasContent("years");
    }

    @Test
    void aCopyThatWasNotSyncedDoesNotOutliveTheBootOfItsHost() throws IOException {
        begin(fence("run-a", 3));
        Files.writeString(workspace().salvaged().resolve("000000010000000000000007"), "tail");
        bootedBefore();

        workspace().claim(fence("run-a", 3)).close();

        assertThat(workspace().copy()).doesNotExist();
        assertThat(workspace().has("restored")).isFalse();
        assertThat(workspace().salvaged().resolve("000000010000000000000007")).exists();
    }

    @Test
    void aDurableCopyOutlivesTheBootOfItsHost() throws IOException {
        begin(fence("run-a", 3));
        workspace().write("durable", "yes");
        bootedBefore();

        workspace().claim(fence("run-a", 3)).close();

        assertThat(workspace().copy().resolve("PG_VERSION")).exists();
    }

    @Test
    void aSecondAttemptMustWaitForTheFirst() {
        try (WorkspaceLock first = workspace().claim(fence("run-a", 3))) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> workspace().claim(fence("run-a", 3)))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.BUSY_WITH_OTHER_ATTEMPT));
        }

        workspace().claim(fence("run-a", 3)).close();
    }

    @Test
    void aRemovalThatIsKilledAnywhereIsFinishedByTheNextAttempt() throws Exception {
        Fence fence = fence("run-a", 3);
        int acts = 0;
        List<Path> order;
        do {
            begin(fence);
            order = RecoveryWorkspace.inOrderOfRemoval(workspace().root());
            List<Path> done = order.subList(0, acts);
            for (Path path : done) {
                FileTrees.delete(path);
            }

            new CopyRemoval(cluster(), workspace()).remove(fence);

            assertThat(workspace().root()).as("killed after %s", done).doesNotExist();
        } while (acts++ < order.size());
        assertThat(acts).isGreaterThan(5);
    }

    private void begin(Fence fence) throws IOException {
        RecoveryWorkspace workspace = workspace();
        workspace.claim(fence).close();
        workspace.write("copy-begun", "");
        Files.createDirectories(workspace.copy());
        Files.writeString(workspace.copy().resolve("PG_VERSION"), "15\n");
        workspace.write("restored", "");
    }

    private void bootedBefore() throws IOException {
        Path marker = workspace().root().resolve("marker.json");
        WorkspaceMarker now = WorkspaceMarker.read(marker);
        Files.writeString(marker, now.bootedAs("another boot").text());
    }

    private static Fence fence(String runId, long number) {
        return new Fence("main", number, runId);
    }

    private PostgresCluster cluster() {
        return ClusterOfTest.in(folder.resolve("live"), folder);
    }

    private RecoveryWorkspace workspace() {
        return new RecoveryWorkspace(
                new Directories(
                        folder.resolve("live").toString(),
                        folder.resolve("work/data").toString(),
                        folder.resolve("work").toString(),
                        0),
                new ServerUser(null));
    }
}
