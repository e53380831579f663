package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.lab.engine.FaultyProxy;
import dev.lifeboat.lab.engine.RealTemporal;
import dev.lifeboat.lab.engine.ServersBelow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The worker killed, the bucket away, or everything killed, at a chosen byte in the middle of a base backup's upload, of
 * archiving, of a download or of replay, while the writers write. Every case ends with exactly the rows of the moment that was
 * asked for. Bytes follow from {@code -Dlifeboat.seed}. The default build takes one trouble for each half, by the seed, and
 * says which it leaves out; with {@code -Pengines} all are taken, and the bucket is away for 30 seconds.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TroubleIT {

    private static final boolean REAL = EngineChoice.ofBuild() == EngineChoice.REAL;
    private static final long SEED = Long.getLong("lifeboat.seed", System.nanoTime() & 0xFFFFFF);

    /** The S3 client alone gives up after about 8 seconds, and the shim of this test after 3. */
    private static final Duration AWAY = Duration.ofSeconds(REAL ? 30 : 12);

    /** More than the worker fetches ahead, so that the last of them are fetched in the middle of the replay. */
    private static final int SEGMENTS = 64;

    private static final int AHEAD = 48;

    private static final Predicate<String> SENDS_CHUNK = line -> line.startsWith("PUT ") && line.contains("/chunks/");
    private static final Predicate<String> GETS_CHUNK = line -> line.startsWith("GET ") && line.contains("/chunks/");
    private static final Predicate<String> SENDS_WAL =
            line -> line.startsWith("PUT ") && line.contains("/postgres/wal/") && !line.contains("/index/");

    /** 110 MB, so that a base backup has several chunks, in small segments of WAL. */
    private final World world = World.start(
            lab -> lab.storeProxy().postgres(postgres -> postgres.initdbOptions("--wal-segsize=1")),
            "create table ballast as select repeat(md5(g::text), 30) as text from generate_series(1, 105000) g");

    private final TemporalEye eye = new TemporalEye(world.lab());
    private final long stored = World.json(
                    world.succeeds("backups", Lab.CLUSTER, "-o", "json").output())
            .path("backups")
            .path(0)
            .path("storedBytes")
            .asLong();

    enum Trouble {
        WORKER_KILLED,
        BUCKET_AWAY
    }

    @AfterEach
    void allIsWellAgain() {
        proxy().heal();
        world.lab().worker().start();
    }

    @AfterAll
    void end() {
        eye.close();
        world.close();
    }

    static Stream<Trouble> withBackups() {
        return troubles("a backup is uploaded and downloaded", SEED);
    }

    static Stream<Trouble> withWal() {
        return troubles("WAL is archived and replayed", SEED + 1);
    }

    /** Both, or the one of this seed: two seeds that follow each other take different ones. */
    private static Stream<Trouble> troubles(String what, long seed) {
        Trouble[] all = Trouble.values();
        Trouble taken = all[Math.floorMod(seed, all.length)];
        Trouble other = all[Math.floorMod(seed + 1, all.length)];
        System.out.println("TroubleIT: the bytes follow from -Dlifeboat.seed=" + SEED + ", the bucket is away for "
                + AWAY.toSeconds() + " s"
                + (REAL ? "" : "; " + other + " while " + what + " is left out here, taken with -Pengines"));
        return REAL ? Stream.of(all) : Stream.of(taken);
    }

    @ParameterizedTest
    @MethodSource("withBackups")
    void aBackupIsUploadedAndDownloadedWithTroubleInTheMiddleOfBoth(Trouble trouble) {
        Random random = new Random(SEED);
        CompletableFuture<Void> upload = proxy().onceSent(SENDS_CHUNK, middleOf(stored, random), begin(trouble));
        world.succeeds("start", "base-backup", "--cluster", Lab.CLUSTER, "--detach");
        end(trouble, upload, "base-backup/main", "PostgresBackupTakeBaseBackup");
        eye.awaitEnd("base-backup/main", Duration.ofMinutes(4));
        JsonNode taken = World.json(
                world.succeeds("report", "base-backup/main", "-o", "json").output());
        assertThat(taken.path("exitCode").asInt()).as(taken.toPrettyString()).isZero();
        assertResumed(trouble, taken, "take-base-backup");
        String backup = newestBackup();
        world.archiveSegments(1);
        Instant moment = world.goodMoment();

        CompletableFuture<Void> download = proxy().onceAnswered(GETS_CHUNK, middleOf(stored, random), begin(trouble));
        try (RecoveryBeside recovery = RecoveryBeside.start(world, moment, copy(), "--backup", backup)) {
            end(trouble, download, recovery.run(), "PostgresRecoveryRestoreBaseBackup");

            JsonNode report = recovery.awaitSameData(eye);
            assertThat(report.path("source").path("baseBackup").asText()).isEqualTo(backup);
            assertResumed(trouble, report, "restore-base-backup");
        }
    }

    @ParameterizedTest
    @MethodSource("withWal")
    void walIsArchivedAndReplayedWithTroubleInTheMiddleOfBoth(Trouble trouble) throws IOException {
        Random random = new Random(SEED + 1);
        CompletableFuture<Void> archiving = proxy().onceSent(SENDS_WAL, 500 + random.nextInt(20_000), begin(trouble));
        // Enough in one segment for every byte that a seed may choose, however well it is compressed.
        world.postgres()
                .execute(
                        "select pg_logical_emit_message(true, 'test', string_agg(md5(g::text), '')) from generate_series(1, 4000) g");
        String first = world.switchSegment();
        archiving.orTimeout(180, TimeUnit.SECONDS).join();
        assertThat(world.postgres().hasArchived(first))
                .as("archived while the trouble lasts")
                .isFalse();
        end(trouble, archiving);
        List<String> segments = world.archiveSegments(SEGMENTS);
        Instant moment = world.goodMoment();

        String middle = segments.get(AHEAD + 2 + random.nextInt(SEGMENTS - AHEAD - 5));
        CompletableFuture<Void> replay = proxy().onRequest(gets(middle), 1, begin(trouble));
        try (RecoveryBeside recovery = RecoveryBeside.start(world, moment, copy())) {
            beImpatient(recovery);
            replay.orTimeout(180, TimeUnit.SECONDS).join();
            if (trouble == Trouble.BUCKET_AWAY) {
                awaitStopWithoutPromotion(recovery);
            }
            end(trouble, replay);

            JsonNode report = recovery.awaitSameData(eye);
            assertThat(report.path("source").path("walTo").asText()).isGreaterThan(middle);
            if (trouble == Trouble.WORKER_KILLED) {
                assertResumed(trouble, report, "replay-wal");
            }
        }
    }

    @Test
    void everythingIsKilledAtOnceInReplay() {
        String leftOut =
                "TroubleIT: killing worker, PostgreSQL and Temporal all at once is left out here, since only the"
                        + " real Temporal can be started again; taken with -Pengines";
        if (!world.lab().temporal().isReal()) {
            System.out.println(leftOut);
        }
        assumeTrue(world.lab().temporal().isReal(), leftOut);
        RealTemporal temporal = (RealTemporal) world.lab().temporal();
        List<String> segments = world.archiveSegments(SEGMENTS);
        Instant moment = world.goodMoment();
        CompletableFuture<Void> killed = proxy().onRequest(gets(segments.get(AHEAD + 5)), 1, () -> {
            List<ProcessHandle> servers = ServersBelow.find(world.postgres().root());
            assertThat(servers).as("the live server's and the copy's processes").hasSizeGreaterThan(2);
            world.lab().worker().kill();
            servers.forEach(ProcessHandle::destroyForcibly);
            temporal.kill();
        });
        try (RecoveryBeside recovery = RecoveryBeside.start(world, moment, copy())) {
            killed.orTimeout(180, TimeUnit.SECONDS).join();
            temporal.start();
            world.postgres().start();
            world.lab().worker().start();

            JsonNode report = recovery.awaitSameData(eye);
            assertResumed(Trouble.WORKER_KILLED, report, "replay-wal");
        }
    }

    private Runnable begin(Trouble trouble) {
        return switch (trouble) {
            case WORKER_KILLED -> world.lab().worker()::kill;
            case BUCKET_AWAY -> proxy()::refuse;
        };
    }

    /** The bucket comes back only after the attempt has given up: the S3 client's pauses have no fixed length. */
    private void end(Trouble trouble, CompletableFuture<Void> begun, String run, String activity) {
        begun.orTimeout(180, TimeUnit.SECONDS).join();
        if (trouble == Trouble.BUCKET_AWAY) {
            eye.awaitNextAttempt(run, activity, Duration.ofMinutes(2));
        }
        end(trouble, begun);
    }

    private void end(Trouble trouble, CompletableFuture<Void> begun) {
        begun.orTimeout(180, TimeUnit.SECONDS).join();
        switch (trouble) {
            case WORKER_KILLED -> world.lab().worker().start();
            case BUCKET_AWAY -> {
                long end = System.nanoTime() + AWAY.toNanos();
                Awaitility.await().atMost(AWAY.plusSeconds(60)).until(() -> System.nanoTime() > end);
                proxy().heal();
            }
        }
    }

    /** How the trouble was survived is in the report: by another worker, or by more attempts than the S3 client's own. */
    private static void assertResumed(Trouble trouble, JsonNode report, String step) {
        switch (trouble) {
            case WORKER_KILLED ->
                assertThat(report.path("resumes").asInt())
                        .as(report.toPrettyString())
                        .isPositive();
            case BUCKET_AWAY ->
                assertThat(report.path("steps"))
                        .as(report.toPrettyString())
                        .anyMatch(done -> done.path("id").asText().equals(step)
                                && done.path("attempts").asInt() > 1);
        }
    }

    /** The outage outlasts the shim: its answer must stop the server, and never end the recovery. */
    private static void awaitStopWithoutPromotion(RecoveryBeside recovery) {
        // The bucket stays away until this was seen, and for a while longer.
        Awaitility.await("the copy's server stopped by the shim")
                .atMost(Duration.ofMinutes(3))
                .until(() -> recovery.serverLog().contains("child process exited with exit code 200"));
        assertThat(recovery.isPromoted())
                .as("promoted while the bucket is away")
                .isFalse();
    }

    /** The shim waits for a minute, which would be longer than the outage. */
    private static void beImpatient(RecoveryBeside recovery) throws IOException {
        Path shim = recovery.workspace().resolve("shims/restore-wal.sh");
        Awaitility.await("the restore shim")
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> Files.exists(shim));
        String text = Files.readString(shim);
        assertThat(text).contains("waits=${4:-600}");
        Files.writeString(shim, text.replace("waits=${4:-600}", "waits=${4:-30}"));
    }

    private String newestBackup() {
        JsonNode all = World.json(
                        world.succeeds("backups", Lab.CLUSTER, "-o", "json").output())
                .path("backups");
        return Stream.iterate(0, i -> i + 1)
                .limit(all.size())
                .map(i -> all.path(i).path("id").asText())
                .max(String::compareTo)
                .orElseThrow();
    }

    private static long middleOf(long bytes, Random random) {
        return bytes * (10 + random.nextInt(80)) / 100;
    }

    private static Predicate<String> gets(String segment) {
        return line -> line.startsWith("GET ") && line.contains(segment + ".zst");
    }

    private FaultyProxy proxy() {
        return world.lab().storeProxy();
    }

    private Path copy() {
        return world.newCopy("copy-" + System.nanoTime());
    }
}
