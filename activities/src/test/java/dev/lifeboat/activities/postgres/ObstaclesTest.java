package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What would make a swap fail half way is said before anything is touched, and nothing is made to find it out. */
class ObstaclesTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path bin;

    @SuppressWarnings("NullAway.Init")
    private Path live;

    @BeforeEach
    void aClusterThatCouldBeSwapped() throws IOException {
        bin = Files.createDirectory(folder.resolve("bin"));
        for (String name : List.of("postgres", "pg_ctl", "pg_controldata", "psql", "initdb")) {
            Path program = Files.writeString(bin.resolve(name), "");
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        live = Files.createDirectories(folder.resolve("pg/main"));
    }

    @Test
    void anOrdinaryDirectoryIsNoObstacle() throws IOException {
        assertThat(found(live)).isEmpty();
        assertThat(live.resolveSibling("lifeboat-main")).doesNotExist();
    }

    @Test
    void aLinkOrAMountPointCannotBeRenamedAway() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("pg/link"), live);

        assertThat(found(link)).singleElement().asString().startsWith("SWAP_IMPOSSIBLE: " + link + " is a symbolic");
        assertThat(found(Path.of("/proc"))).anyMatch(obstacle -> obstacle.contains("/proc is a mount point"));
        // A rehearsal renames nothing.
        assertThat(new Obstacles(context(link)).find(query(Placement.DRILL))).isEmpty();
    }

    @Test
    void withoutAFolderForTheCopyThereIsNoCopy() {
        assertThat(found(folder.resolve("no/such/main")))
                .singleElement()
                .asString()
                .startsWith("SWAP_IMPOSSIBLE: ")
                .contains("does not exist: mount it, or ");
    }

    @Test
    void aProgramThatCannotBeRunIsNamed() throws IOException {
        Files.delete(bin.resolve("psql"));
        Files.setPosixFilePermissions(bin.resolve("initdb"), PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(found(live))
                .containsExactly(
                        "MISSING_BINARY: " + bin.resolve("psql") + " is missing or cannot be run",
                        "MISSING_BINARY: " + bin.resolve("initdb") + " is missing or cannot be run");
    }

    @Test
    void aSwapThatAnotherRunLeftHalfWayIsFinishedFirst() throws IOException {
        Path before = Files.createDirectory(live.resolveSibling("main.before"));
        context(live).write(SwapJournal.NOTE, journal(before, false));
        assertThat(found(live))
                .singleElement()
                .asString()
                .contains("run run-0 has left a swap unfinished", "main.before");

        context(live).write(SwapJournal.NOTE, journal(before, true));
        assertThat(found(live)).isEmpty();
        context(live).write(SwapJournal.NOTE, journal(live.resolveSibling("gone"), false));
        assertThat(found(live)).isEmpty();
    }

    @Test
    void aStandbyIsNotReplacedAndItsPrimaryIsNamedWithoutTheRestOfTheAddress() throws IOException {
        Files.writeString(
                bin.resolve("postgres"),
                "#!/bin/sh\necho \"user=rep password='secret word' host=10.0.0.1 port=5433 sslmode=prefer\"\n");
        Files.createFile(live.resolve("standby.signal"));

        assertThat(found(live))
                .singleElement()
                .asString()
                .startsWith("CLUSTER_NOT_READY: " + live + " is a standby of the server at 10.0.0.1:5433 ")
                .contains("second primary", "pg_ctl promote")
                .doesNotContain("secret");
        assertThat(new Obstacles(context(live)).find(query(Placement.DRILL))).isEmpty();
    }

    private SwapJournal journal(Path before, boolean opened) {
        return new SwapJournal(
                1,
                "run-0",
                live.toString(),
                folder.resolve("copy").toString(),
                before.toString(),
                true,
                "0/1",
                Instant.EPOCH,
                opened,
                List.of());
    }

    private List<String> found(Path dataDirectory) {
        return new Obstacles(context(dataDirectory)).find(query(Placement.IN_PLACE));
    }

    private static FactsQuery query(Placement placement) {
        return new FactsQuery("main", new RecoveryTarget.Latest(), false, null, placement, null, 0);
    }

    private LiveContext context(Path dataDirectory) {
        PostgresCluster cluster = new PostgresCluster(
                "main",
                dataDirectory,
                bin,
                null,
                null,
                "127.0.0.1",
                1,
                "postgres",
                null,
                "shop",
                List.of("shop"),
                null,
                null,
                List.of(),
                null,
                Duration.ofSeconds(60));
        return LiveContext.of(cluster, fence -> {}, Map.of(), "1@test");
    }
}
