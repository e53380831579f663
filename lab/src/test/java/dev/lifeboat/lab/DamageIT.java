package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.Zstd;
import dev.lifeboat.lab.engine.FaultyProxy;
import dev.lifeboat.workflows.runbook.RunStatus.WaitingFor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What is missing, damaged or full is named with its facts, stops the run before it can go wrong, waits for a person, and
 * after it was mended {@code retry} ends with exactly the rows of the moment that was asked for.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamageIT {

    private static final long SEED = Long.getLong("lifeboat.seed", System.nanoTime() & 0xFFFFFF);
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int NOT_READY = 8;

    /** So many segments the worker fetches ahead, of the restore and of the server in replay. */
    private static final int AHEAD = 48;

    private static final int SEGMENTS = 110;

    private static final Predicate<String> GETS_CHUNK = line -> line.startsWith("GET ") && line.contains("/chunks/");

    private final World world =
            World.start(lab -> lab.storeProxy().postgres(postgres -> postgres.initdbOptions("--wal-segsize=1")));

    private final TemporalEye eye = new TemporalEye(world.lab());
    private final List<String> segments = world.archiveSegments(SEGMENTS);
    private final Instant moment = world.goodMoment();
    private final Random random = new Random(SEED);

    DamageIT() {
        System.out.println("DamageIT: what is damaged, and where, follows from -Dlifeboat.seed=" + SEED);
    }

    @AfterEach
    void allIsWellAgain() {
        proxy().heal();
    }

    @AfterAll
    void end() {
        eye.close();
        world.close();
    }

    @Test
    void aSegmentThatIsNowhereIsNamedBeforeAnythingIsTouched() throws IOException {
        String lost = segments.get(random.nextInt(SEGMENTS - 3));
        StoredObject object = lose(lost);
        try {
            for (String command : List.of("plan", "start")) {
                Path copy = copy();
                Cli.Result result = world.lab()
                        .cli()
                        .run(command, "pitr-recovery", "--cluster", Lab.CLUSTER, "--target", moment.toString());

                assertThat(result.exitCode()).as(result.toString()).isEqualTo(NOT_READY);
                assertThat(result.errors())
                        .contains("lifeboat: error: ", lost, "1 of the ", "is missing", "lifeboat: hint: ");
                assertThat(copy).doesNotExist();
            }
            Cli.Result window = world.lab().cli().run("window", Lab.CLUSTER, "-o", "json");
            assertThat(World.json(window.output()).path("holes").toString()).contains(lost);
        } finally {
            object.mend();
        }
    }

    @Test
    void aSegmentThatVanishesAndOneThatIsDamagedStopTheReplayAndNeverEndIt() {
        String vanishes = segments.get(AHEAD + 1 + random.nextInt(3));
        // Farther from the first than the worker could have fetched it before it was damaged.
        String damaged = segments.get(2 * AHEAD + 6 + random.nextInt(3));
        StoredObject flipped = StoredObject.segment(world.lab().s3(), damaged);
        CompletableFuture<StoredObject> lost = new CompletableFuture<>();
        // The plan has been made when the base backup is asked for.
        CompletableFuture<Void> planned = proxy().onRequest(GETS_CHUNK, 1, () -> lost.complete(lose(vanishes)));
        try (RecoveryBeside recovery = RecoveryBeside.start(world, moment, copy())) {
            planned.orTimeout(180, TimeUnit.SECONDS).join();

            WaitingFor gap = eye.awaitDecision(recovery.run(), LIMIT);

            assertThat(gap.step()).isEqualTo("replay-wal");
            assertThat(gap.question()).contains("WAL_GAP", vanishes, "is needed up to ", "has none of that name");
            assertThat(gap.hint()).contains("lifeboat retry");
            assertThat(recovery.isPromoted()).isFalse();
            flipped.flipBit(random.nextInt(flipped.size()));
            loseLive(damaged);
            lost.join().mend();
            recovery.retry("the segment is back");

            WaitingFor bit = eye.awaitDecision(recovery.run(), LIMIT, damaged);
            assertThat(bit.question()).contains("WAL_DAMAGED", "s3://", damaged);
            assertThat(recovery.serverLog()).as("what PostgreSQL saw").doesNotContain("restored log file \"" + damaged);
            assertThat(recovery.isPromoted()).isFalse();
            flipped.mend();
            recovery.retry("the object is whole again");

            JsonNode report = recovery.awaitSameData(eye);
            assertThat(report.path("answers").size())
                    .as("two retries and --yes")
                    .isGreaterThanOrEqualTo(2);
        } finally {
            flipped.mend();
            lost.thenAccept(StoredObject::mend);
        }
    }

    @Test
    void aFlippedBitInAChunkIsNamedWithTheFilesThatItHurtsAndWaitsForAPerson() {
        StoredObject chunk = StoredObject.find(world.lab().s3(), key -> key.contains("/chunks/"));
        chunk.flipBit(random.nextInt(chunk.size()));
        try (RecoveryBeside recovery = RecoveryBeside.start(world, moment, copy())) {
            WaitingFor asked = eye.awaitDecision(recovery.run(), LIMIT);

            assertThat(asked.step()).isEqualTo("restore-base-backup");
            assertThat(asked.question()).contains("BACKUP_DAMAGED", chunk.key(), "SHA-256", "it holds", "files: ");
            assertThat(asked.hint()).contains("--backup");
            assertThat(asked.answers()).contains("retry", "abort");
            chunk.mend();
            recovery.retry("the object is whole again");

            recovery.awaitSameData(eye);
        } finally {
            chunk.mend();
        }
    }

    /** Truncated, another cluster's, and one with a flipped bit that only the bucket has; nobody is asked. */
    @Test
    void segmentsThatAreDamagedInTheArchiveAreTakenFromWhereTheyAreIntact() {
        // The next one, which may remove what was written before it, is minutes or 33 segments away.
        world.postgres().execute("checkpoint");
        List<String> newest = world.archiveSegments(4);
        Instant later = world.goodMoment();
        world.archiveSegments(1);
        StoredObject truncated = StoredObject.segment(world.lab().s3(), newest.get(0));
        StoredObject foreign = StoredObject.segment(world.lab().s3(), newest.get(1));
        StoredObject flipped = StoredObject.segment(world.lab().s3(), newest.get(2));
        try {
            truncated.replace(Arrays.copyOf(truncated.content(), truncated.size() / 2));
            foreign.replace(ofAnotherCluster(foreign.content()));
            byte[] damaged = flipped.content();
            damaged[random.nextInt(damaged.length)] ^= 1;
            flipped.replace(damaged);
            loseLive(newest.get(2));
            JsonNode report;
            try (RecoveryBeside recovery = RecoveryBeside.start(world, later, copy())) {
                report = recovery.awaitSameData(eye);
            }

            List<String> said = report.path("findings").findValuesAsText("what");
            assertThat(said)
                    .anySatisfy(what -> assertThat(what)
                            .contains(newest.get(0), live(newest.get(0)).toString(), "cannot unpack s3://"))
                    .anySatisfy(what -> assertThat(what)
                            .contains(newest.get(1), live(newest.get(1)).toString(), "system identifier"))
                    .anySatisfy(what -> assertThat(what).contains(newest.get(2), "in its version "))
                    .hasSize(3);
            assertThat(report.path("answers").size())
                    .as("questions that were asked")
                    .isZero();
        } finally {
            truncated.mend();
            foreign.mend();
            flipped.mend();
        }
    }

    private static byte[] ofAnotherCluster(byte[] stored) {
        byte[] plain = Zstd.decompress(stored, (int) Zstd.getFrameContentSize(stored));
        plain[24] ^= 1;
        return Zstd.compress(plain);
    }

    /** Three of four are damaged, each in another way; nobody is asked, and the fourth brings the same rows. */
    @Test
    void damagedBaseBackupsGiveWayToTheNextOlderOneUntilOneIsWhole() {
        String whole = newestBackup();
        List<String> damaged = List.of(takeBackup(), takeBackup(), takeBackup());
        Instant later = world.goodMoment();
        String unlisted = damaged.get(0);
        StoredObject manifest = object(unlisted, "/manifest.json");
        StoredObject lost = object(damaged.get(1), "/chunks/");
        StoredObject flipped = object(damaged.get(2), "/chunks/");
        lost.delete();
        flipped.flipBit(random.nextInt(flipped.size()));
        try (RecoveryBeside insisting = RecoveryBeside.start(world, later, copy(), "--backup", damaged.get(2))) {
            WaitingFor asked = eye.awaitDecision(insisting.run(), LIMIT);
            assertThat(asked.question())
                    .contains("BACKUP_DAMAGED", flipped.key())
                    .doesNotContain(damaged.get(1));
            world.succeeds("abort", insisting.run(), "--reason", "it has to be that one");
            eye.awaitEnd(insisting.run(), LIMIT);
        }
        // It is there when the plan is made, and gone when its turn has come.
        CompletableFuture<Void> planned = proxy().onRequest(GETS_CHUNK, 1, manifest::delete);
        try (RecoveryBeside recovery = RecoveryBeside.start(world, later, copy())) {
            JsonNode report = recovery.awaitSameData(eye);

            planned.orTimeout(1, TimeUnit.SECONDS).join();
            assertThat(report.path("source").path("baseBackup").asText()).isEqualTo(whole);
            assertThat(report.path("answers").size())
                    .as("questions that were asked")
                    .isZero();
            assertThat(report.path("findings").findValuesAsText("what"))
                    .satisfiesExactly(
                            first -> assertThat(first)
                                    .contains(damaged.get(2), flipped.key(), "SHA-256", "files: ", damaged.get(1)),
                            second -> assertThat(second)
                                    .contains(damaged.get(1), lost.key(), "is not in the bucket", unlisted),
                            third -> assertThat(third).contains(unlisted, "has no manifest of it", whole));
            for (JsonNode step : report.path("steps")) {
                if (step.path("id").asText().equals("restore-base-backup")) {
                    assertThat(step.path("attempts").asInt()).isEqualTo(4);
                    assertThat(step.path("detail").asText()).endsWith("base backup " + whole);
                }
            }
        } finally {
            manifest.mend();
            lost.mend();
            flipped.mend();
        }
    }

    @Test
    void aDiskThatIsFullInTheRestoreAndInTheReplayWaitsForRoom() {
        Path folder = world.newCopy("small-disk");
        Optional<SmallDisk> mounted =
                SmallDisk.at(folder, world.postgres().user(), "1500m", "DamageIT.aDiskThatIsFull");
        assumeTrue(mounted.isPresent(), "no file system can be mounted here");
        try (SmallDisk disk = mounted.get()) {
            CompletableFuture<Void> full =
                    proxy().onceAnswered(GETS_CHUNK, 200_000 + random.nextInt(1_000_000), () -> disk.fillUpTo(1 << 20));
            try (RecoveryBeside recovery = RecoveryBeside.start(world, moment, folder.resolve("copy"))) {
                full.orTimeout(180, TimeUnit.SECONDS).join();
                WaitingFor inRestore = eye.awaitDecision(recovery.run(), LIMIT);
                assertOutOfSpace(inRestore, "restore-base-backup");

                String middle = segments.get(AHEAD + 2 + random.nextInt(5));
                CompletableFuture<Void> fullAgain = proxy().onRequest(
                                line -> line.startsWith("GET ") && line.contains(middle), 1, () -> disk.fillUpTo(0));
                disk.resize("1500m");
                recovery.retry("there is room");
                fullAgain.orTimeout(180, TimeUnit.SECONDS).join();
                WaitingFor inReplay = eye.awaitDecision(recovery.run(), LIMIT, "replay-wal");
                assertOutOfSpace(inReplay, "replay-wal");
                assertThat(recovery.isPromoted()).isFalse();

                disk.resize("1500m");
                recovery.retry("there is room again");
                recovery.awaitSameData(eye);
            }
        }
    }

    private String takeBackup() {
        world.succeeds("start", "base-backup", "--cluster", Lab.CLUSTER);
        return newestBackup();
    }

    private String newestBackup() {
        JsonNode backups = World.json(
                        world.succeeds("backups", Lab.CLUSTER, "-o", "json").output())
                .path("backups");
        return backups.get(backups.size() - 1).path("id").asText();
    }

    private StoredObject object(String backup, String part) {
        return StoredObject.find(world.lab().s3(), key -> key.contains("/" + backup + "/") && key.contains(part));
    }

    private static void assertOutOfSpace(WaitingFor asked, String step) {
        assertThat(asked.step()).isEqualTo(step);
        assertThat(asked.question()).contains("TOO_LITTLE_SPACE", "space");
        assertThat(asked.hint()).contains("free space on that file system", "lifeboat retry");
    }

    /** From the bucket, and from where the server keeps what it may still need. */
    private StoredObject lose(String segment) {
        StoredObject object = StoredObject.segment(world.lab().s3(), segment);
        object.delete();
        loseLive(segment);
        return object;
    }

    private void loseLive(String segment) {
        try {
            Files.deleteIfExists(live(segment));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Path live(String segment) {
        return world.postgres().dataDirectory().resolve("pg_wal").resolve(segment);
    }

    private FaultyProxy proxy() {
        return world.lab().storeProxy();
    }

    private Path copy() {
        return world.newCopy("copy-" + System.nanoTime());
    }
}
