package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("any-engine")
class SwapIT {

    private final Path folder = Folders.temporary("swap");
    private LabPostgres postgres;
    private LiveWorld world;
    private Path live;
    private Path copy;
    private RecoveryOrder order;

    @BeforeEach
    void aStoppedClusterAndItsCopy() throws IOException {
        postgres = LabPostgres.start(folder);
        world = LiveWorld.of(postgres);
        postgres.stopFast();
        live = postgres.dataDirectory();
        copy = world.copyOfLive();
        order = world.order("run");
    }

    @AfterEach
    void end() {
        postgres.close();
        Folders.remove(folder);
    }

    @Test
    void theCopyTakesThePlaceAndTheOldDirectoryIsKeptWithADate() throws IOException {
        StepOutcome outcome = swap().in(order);

        assertThat(live.resolve("this-is-the-copy")).exists();
        LeftBehind left = outcome.leftBehind().get(0);
        assertThat(Path.of(left.where()).resolve("PG_VERSION")).exists();
        assertThat(left.keptUntil()).isAfter(Instant.now().plus(Duration.ofDays(6)));
        assertThat(KeptDirectory.of(world.cluster)).singleElement().satisfies(kept -> assertThat(kept.keptUntil())
                .isEqualTo(left.keptUntil()));
        postgres.start();
        assertThat(postgres.query("select 1")).isEqualTo("1");
    }

    @Test
    void whoMayReadTheLiveDirectoryMayReadTheRecoveredOneIfTheServerAcceptsThat() throws IOException {
        Files.setPosixFilePermissions(live, PosixFilePermissions.fromString("rwxr-x---"));

        swap().in(order);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(live)))
                .isEqualTo("rwxr-x---");
        postgres.start();
    }

    @Test
    void interruptedAfterEachRenameASecondCallFinishesIt() throws IOException {
        Path before = interruptedAfterFirstRename();
        assertThat(live).doesNotExist();

        swap().in(order);
        assertThat(live.resolve("this-is-the-copy")).exists();
        Files.delete(KeptDirectory.noteOf(before.toString()));

        StepOutcome again = swap().in(order);
        assertThat(again.leftBehind()).extracting(LeftBehind::where).containsExactly(before.toString());
        assertThat(KeptDirectory.of(world.cluster)).hasSize(1);
    }

    @Test
    void interruptedAfterTheFirstRenameItCanBeUndone() throws IOException {
        interruptedAfterFirstRename();

        swap().back(order);

        assertThat(live.resolve("PG_VERSION")).exists();
        assertThat(live.resolve("this-is-the-copy")).doesNotExist();
        assertThat(copy.resolve("this-is-the-copy")).exists();
        assertThat(swap().back(order).detail()).isEqualTo("nothing was swapped");
    }

    @Test
    void aSwapThatNobodyUsedIsUndoneWhollyAndOneThatWasUsedIsNot() throws IOException {
        swap().in(order);
        swap().back(order);
        assertThat(live.resolve("this-is-the-copy")).doesNotExist();
        assertThat(KeptDirectory.of(world.cluster)).isEmpty();

        swap().in(order);
        postgres.start();
        postgres.stopFast();

        assertThatThrownBy(() -> swap().back(order))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.UNEXPECTED_STATE))
                .hasMessageContaining("used");
        assertThat(live.resolve("this-is-the-copy")).exists();
    }

    @Test
    void aDirectoryThatSomebodyMadeBetweenTheRenamesStopsIt() throws IOException {
        interruptedAfterFirstRename();
        Files.createDirectory(live);

        assertThatThrownBy(() -> swap().in(order)).hasMessageContaining("somebody else moved something");
        assertThat(copy.resolve("this-is-the-copy")).exists();
    }

    @Test
    void whereTheLiveDirectoryIsGoneTheCopyJustMovesIn() throws IOException {
        FileTrees.delete(live);

        StepOutcome outcome = swap().in(order);

        assertThat(outcome.leftBehind()).isEmpty();
        assertThat(live.resolve("this-is-the-copy")).exists();
        assertThat(swap().in(order).detail()).contains("there was no old one");
    }

    @Test
    void aRunningLiveServerIsNeverMovedAside() {
        postgres.start();

        assertThatThrownBy(() -> swap().in(order))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.SERVER_STILL_RUNNING));
        assertThat(world.context.note(SwapJournal.NOTE)).doesNotExist();
    }

    @Test
    void aRunThatLostItsLeaseMovesNothing() {
        LiveContext fenced = LiveContext.of(
                world.cluster,
                fence -> {
                    throw new RecoveryFailure(FailureCode.FENCED_OUT, "a newer run holds " + fence.target(), "stop");
                },
                Map.of(),
                "1@test");

        assertThatThrownBy(() -> new Swap(fenced).in(order)).hasMessageContaining("a newer run");
        assertThat(live.resolve("this-is-the-copy")).doesNotExist();
    }

    @Test
    void anUnfinishedSwapOfAnotherRunStopsThisOne() throws IOException {
        interruptedAfterFirstRename();
        RecoveryOrder other = new RecoveryOrder(order.plan(), new Fence("main", 2, "other run"));

        assertThatThrownBy(() -> swap().in(other)).hasMessageContaining("unfinished");
        assertThat(live).doesNotExist();
    }

    /** As a kill between the two renames leaves it: the journal is written, the live directory is aside. */
    private Path interruptedAfterFirstRename() throws IOException {
        swap().in(order);
        SwapJournal journal = SwapJournal.read(world.context).orElseThrow();
        Files.move(live, copy);
        Files.delete(KeptDirectory.noteOf(journal.before()));
        return Path.of(journal.before());
    }

    private Swap swap() {
        return new Swap(world.context);
    }
}
