package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AbandonedWorkspacesTest {

    private static final Leases ENDED = fence -> {
        throw new RecoveryFailure(FailureCode.FENCED_OUT, "the lease of " + fence.target() + " has ended", "");
    };

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final List<String> removed = new ArrayList<>();
    private final List<String> kept = new ArrayList<>();

    @BeforeEach
    void aDrillThatNobodyCleanedUp() throws IOException {
        Files.createDirectories(folder.resolve("lifeboat-main/live"));
        RecoveryWorkspace workspace = new RecoveryWorkspace(
                new Directories(data().toString(), drill().resolve("data").toString(), drill().toString(), 0),
                new ServerUser(null));
        workspace.claim(new Fence("main.drill", 3, "run-a")).close();
        Files.createDirectories(workspace.copy());
        Files.writeString(workspace.copy().resolve("PG_VERSION"), "15");
    }

    @Test
    void theWorkspaceOfARunThatIsOverGoesWhenAskedFor() throws IOException {
        cleanUp(ENDED, false);

        assertThat(removed).singleElement().asString().contains(drill().toString(), "run-a");
        assertThat(drill().resolve("data/PG_VERSION")).exists();

        cleanUp(ENDED, true);

        assertThat(drill()).doesNotExist();
        assertThat(folder.resolve("lifeboat-main/live")).exists();
        assertThat(kept).isEmpty();
    }

    @Test
    void theWorkspaceOfARunThatHoldsItsLeaseStays() throws IOException {
        cleanUp(fence -> assertThat(fence).isEqualTo(new Fence("main.drill", 3, "run-a")), true);

        assertThat(drill().resolve("data/PG_VERSION")).exists();
        assertThat(removed).isEmpty();
        assertThat(kept).singleElement().asString().contains("still going on");
    }

    @Test
    void whileTheBucketIsAwayNothingIsRemoved() {
        Leases away = fence -> {
            throw new RecoveryFailure(FailureCode.OBJECT_STORE_UNREACHABLE, "nobody answers", "");
        };

        assertThatThrownBy(() -> cleanUp(away, true)).isInstanceOf(RecoveryFailure.class);

        assertThat(drill().resolve("data/PG_VERSION")).exists();
    }

    @Test
    void aWorkspaceInWhichAServerRunsIsNeverTouched() throws IOException {
        // What tells a server's process: its program, and that it works in the data directory.
        Path program = Files.copy(Path.of("/bin/sleep").toRealPath(), folder.resolve("postgres"));
        Process server = new ProcessBuilder(program.toString(), "600")
                .directory(drill().resolve("data").toFile())
                .start();
        try {
            cleanUp(ENDED, true);

            assertThat(drill().resolve("data/PG_VERSION")).exists();
            assertThat(removed).isEmpty();
            assertThat(kept).singleElement().asString().contains("process " + server.pid(), "stop it first");
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void aThrowAwayServerGoesWithItsServerWhenItsRunIsOver() throws Exception {
        Process server = serverIn(throwaway(null));

        try {
            cleanUp(ENDED, false);
            assertThat(removed).singleElement().asString().contains("throw-away server of run run-a");
            assertThat(server.isAlive()).isTrue();

            cleanUp(ENDED, true);
            assertThat(drill()).doesNotExist();
            assertThat(server.waitFor(60, TimeUnit.SECONDS))
                    .as("well before it ends by itself")
                    .isTrue();
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void oneThatIsKeptStaysUntilItsDateIsOver() throws IOException {
        throwaway(Instant.now().plusSeconds(60));
        cleanUp(ENDED, true);
        assertThat(drill()).exists();
        assertThat(kept).singleElement().asString().contains("kept until", "shop_1");

        throwaway(Instant.now().minusSeconds(60));
        cleanUp(ENDED, true);
        assertThat(drill()).doesNotExist();
    }

    private RecoveryWorkspace throwaway(@org.jspecify.annotations.Nullable Instant keptUntil) {
        RecoveryWorkspace workspace = new RecoveryWorkspace(
                new Directories(data().toString(), drill().resolve("data").toString(), drill().toString(), 0),
                new ServerUser(null));
        workspace.write(ThrowawayServer.MADE, "");
        if (keptUntil != null) {
            new KeptServer(1, "shop_1", keptUntil, "psql").write(workspace);
        }
        return workspace;
    }

    /** What a postmaster is known by: its number in the data directory, and that it works there. */
    private static Process serverIn(RecoveryWorkspace workspace) throws IOException {
        Process server = new ProcessBuilder("sleep", "600")
                .directory(workspace.copy().toFile())
                .start();
        Files.writeString(workspace.copy().resolve("postmaster.pid"), server.pid() + "\n");
        return server;
    }

    private void cleanUp(Leases leases, boolean apply) throws IOException {
        removed.clear();
        kept.clear();
        new AbandonedWorkspaces(new ClusterAccess(cluster(), new InMemoryObjectStore(), leases, Map.of(), "1@here"))
                .cleanUp(apply, removed, kept);
    }

    private Path data() {
        return folder.resolve("data");
    }

    private Path drill() {
        return folder.resolve("lifeboat-main/drill");
    }

    private PostgresCluster cluster() {
        return ClusterOfTest.in(data(), folder);
    }
}
