package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.activities.postgres.HandMadeDump;
import dev.lifeboat.lab.engine.FaultyProxy;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.load.Ledger;
import dev.lifeboat.lab.load.Rows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Restores of dumps through the whole product, while sessions write, with every row compared. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DumpRestoreRunIT {

    private static final String RUN = "dump-restore/main.shop";
    private static final List<String> STEPS = List.of(
            "DumpRestoreCheckRoom",
            "DumpRestoreCreateDatabase",
            "DumpRestoreLoadDump",
            "DumpRestoreAnalyze",
            "DumpRestoreCheckDatabase",
            "DumpRestoreMigrate",
            "DumpRestoreSmokeTestCopy",
            "WriterStopWriters",
            "DumpRestoreSwapIn",
            "DumpRestoreSmokeTestLive",
            "WriterStartWriters");

    private final Path folder = Folders.temporary("lifeboat-dump-restore");
    private final Path backendRuns = folder.resolve("backend-runs");
    private final World world = World.start(lab -> lab.folder(folder)
            .storeProxy()
            .moreConfig(
                    """
                    writers:
                      backend: { stop: "rm -f %1$s", start: "touch %1$s", proof: "! test -e %1$s" }
                    """
                            .formatted(backendRuns)));
    private final TemporalEye eye = new TemporalEye(world.lab());
    private Instant snapshot = Instant.EPOCH;
    private String dump = "";

    @BeforeAll
    void aDumpWhileNobodyWrites() throws Exception {
        Files.writeString(backendRuns, "");
        world.load().pause();
        snapshot = Instant.now();
        try (S3Client client = world.lab().s3().client()) {
            dump = HandMadeDump.take(
                    world.postgres(),
                    folder,
                    snapshot,
                    (key, bytes) ->
                            client.putObject(put -> put.bucket(Lab.BUCKET).key(key), RequestBody.fromBytes(bytes)));
        }
        world.load().goOn();
        world.load().await(50, Duration.ofMinutes(2));
    }

    @AfterAll
    void end() {
        eye.close();
        world.close();
        Folders.remove(folder);
    }

    /** One of each kind: by words, by the server, by the bytes. The others are in DumpRestoreInputsTest and DumpRestoreIT. */
    static Stream<Arguments> refused() {
        return Stream.of(
                refused(2, "beside and in place", "exclude each other", "--database", "shop", "--clean", "--into", "x"),
                refused(
                        8,
                        "a name that is taken",
                        "has a database of that name already",
                        "--database",
                        "shop",
                        "--into",
                        "postgres"),
                refused(8, "no dump at all", "those of no dump", "--database", "shop", "--backup", "/bin/true"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("refused")
    @Order(1)
    void whatCannotBeDoneIsRefusedAndNothingIsMade(int exitCode, String what, String words, List<String> inputs) {
        List<String> typed =
                new ArrayList<>(List.of("start", "dump-restore", "--cluster", Lab.CLUSTER, "--yes", "--wait", "20s"));
        typed.addAll(inputs);

        Cli.Result result = world.lab().cli().run(typed);

        assertThat(result.exitCode()).as(result.toString()).isEqualTo(exitCode);
        assertThat(result.errors().lines())
                .as(result.toString())
                .anyMatch(line -> line.startsWith("lifeboat: error: ") && line.contains(words))
                .anyMatch(line -> line.startsWith("lifeboat: hint: "));
        assertThat(world.postgres().query("select count(*)::text from pg_database where datname like 'shop\\_%'"))
                .isEqualTo("0");
    }

    @Test
    @Order(2)
    void aPlanSaysWhatWouldBeDone() {
        Cli.Result plan = world.succeeds("plan", "dump-restore", "--cluster", "main", "--database", "shop", "--clean");

        assertThat(plan.output())
                .contains(dump + ".dump.zst", "a custom archive, zstd", "shop_before_", "backend", "(asks first)");
    }

    @Test
    @Order(3)
    void besideTheLiveDatabaseTheRowsOfTheSnapshotComeBackWhileOthersWrite() throws Exception {
        JsonNode report = restore("--into", "shop_copy");

        World.assertPassed(report);
        assertThat(report.path("run").asText()).isEqualTo(RUN);
        assertThat(report.path("source").path("dump").asText()).isEqualTo(dump);
        assertThat(Duration.parse(report.path("achieved").path("dataLoss").asText()))
                .isPositive();
        assertThat(rows("shop_copy")
                        .compare(world.ledger().until(snapshot), world.ledger().inDoubt()))
                .matches(Rows.Difference::isNone);
        assertThat(backendRuns).exists();
    }

    @Test
    @Order(4)
    void inItsPlaceEveryAcknowledgedRowIsInTheOneOrInTheOther() throws Exception {
        JsonNode report = restore("--clean", "--reason", "rows were lost");
        world.load().await(30, Duration.ofMinutes(2));
        world.load().pause();

        World.assertPassed(report);
        String kept = report.path("leftBehind").path(0).path("where").asText();
        world.postgres().execute("alter database \"%s\" allow_connections true".formatted(kept));
        assertRowsAfter(kept);
        assertThat(backendRuns).as("the writer was started again").exists();
        assertThat(world.postgres()
                        .query("select count(*)::text from pg_database where datname like 'shop\\_restored%'"))
                .isEqualTo("0");
        world.load().goOn();
    }

    static Stream<String> steps() {
        return KilledRuns.sampleUnlessThorough(DumpRestoreRunIT.class, STEPS, 1);
    }

    @ParameterizedTest
    @MethodSource("steps")
    @Order(5)
    void aKilledWorkerIsReplacedAndTheRunGoesOn(String activity) throws Exception {
        troubledBy(activity, () -> {
            world.lab().worker().kill();
            world.lab().worker().start();
            world.lab().worker().awaitServing();
        });
    }

    @Test
    @Order(6)
    void aStoreThatGoesAwayInTheMiddleOfTheDumpIsWaitedFor() throws Exception {
        FaultyProxy store = world.lab().storeProxy();
        // The tool's plan and the run's choice look at its first bytes; the third reads it whole.
        CompletableFuture<Void> away =
                store.onRequest(line -> line.startsWith("GET ") && line.contains(dump + ".dump.zst"), 3, store::refuse);

        troubledBy("DumpRestoreLoadDump", () -> {
            away.orTimeout(180, TimeUnit.SECONDS).join();
            store.heal();
        });
    }

    private void troubledBy(String activity, Runnable trouble) throws Exception {
        world.load().goOn();
        world.succeeds(
                "start",
                "dump-restore",
                "--cluster",
                Lab.CLUSTER,
                "--database",
                "shop",
                "--backup",
                dump,
                "--clean",
                "--yes",
                "--detach");
        eye.awaitActivity(RUN, activity);

        trouble.run();

        eye.awaitEnd(RUN, Duration.ofMinutes(5));
        world.load().await(10, Duration.ofMinutes(2));
        world.load().pause();
        JsonNode report = World.json(world.succeeds("report", RUN, "-o", "json").output());
        World.assertPassed(report);
        String kept = report.path("leftBehind").path(0).path("where").asText();
        world.postgres().execute("alter database \"%s\" allow_connections true".formatted(kept));
        assertRowsAfter(kept);
        assertThat(backendRuns).exists();
        assertThat(world.postgres()
                        .query("select count(*)::text from pg_database where datname like 'shop\\_restored%'"))
                .isEqualTo("0");
        world.load().goOn();
    }

    /** The restored one has the rows of the snapshot and those written to it since; each other one is in what it replaced. */
    private void assertRowsAfter(String kept) throws Exception {
        Map<Long, String> replaced = rows(kept).hashes();
        Map<Long, Ledger.Entry> expected = new HashMap<>(world.ledger().until(snapshot));
        world.ledger().entries().stream()
                .filter(entry -> entry.committedAt().isAfter(snapshot) && !earlier.containsKey(entry.id()))
                .filter(entry -> !replaced.containsKey(entry.id()))
                .forEach(entry -> expected.put(entry.id(), entry));
        assertThat(rows("shop").compare(expected, world.ledger().inDoubt())).matches(Rows.Difference::isNone);
        earlier.putAll(replaced);
    }

    /** Rows of databases that were replaced before. */
    private final Map<Long, String> earlier = new HashMap<>();

    private Rows rows(String database) throws Exception {
        try (Connection connection = DriverManager.getConnection(
                world.postgres().jdbcUrl(database),
                world.postgres().user(),
                world.postgres().password())) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("set statement_timeout = '30s'");
            }
            return Rows.read(connection);
        }
    }

    private JsonNode restore(String... inputs) {
        List<String> words = new ArrayList<>(
                List.of("start", "dump-restore", "--cluster", Lab.CLUSTER, "--database", "shop", "--yes"));
        words.addAll(Arrays.asList(inputs));
        words.addAll(List.of("-o", "json"));
        return World.json(world.succeeds(words.toArray(String[]::new)).output());
    }

    private static Arguments refused(int exitCode, String what, String inTheError, String... inputs) {
        return Arguments.of(exitCode, what, inTheError, Arrays.asList(inputs));
    }
}
