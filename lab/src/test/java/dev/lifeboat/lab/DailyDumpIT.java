package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.lab.engine.FaultyProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** {@code daily-dump} as its users meet it: by the tool, in a cluster of two databases, in good and bad minutes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DailyDumpIT {

    private static final String RUN = "daily-dump/main";
    private static final int WRONG_USE = 2;
    private static final int HELD = 7;
    private static final int NOT_READY = 8;

    private static final Predicate<String> SENDS_ARCHIVE =
            line -> line.startsWith("PUT ") && line.contains(".dump.zst");

    private static final List<String> ACTIVITIES = List.of(
            "PostgresDumpFindDatabases",
            "LeaseTakeLease",
            "PostgresDumpDumpDatabase",
            "PostgresDumpVerifyDump",
            "LeaseReleaseLease",
            "EvidenceWriteReport");

    private final Lab lab = Lab.builder().storeProxy().withoutWorker().start();
    private final TemporalEye eye = new TemporalEye(lab);

    @BeforeAll
    void twoDatabases() throws IOException {
        String config = Files.readString(lab.config());
        assertThat(config).contains("databases: [shop]");
        Files.writeString(lab.config(), config.replace("databases: [shop]", "databases: [shop, crm]"));
        lab.postgres()
                .execute(
                        "create table orders as select g as id, md5(g::text) || md5((g + 1)::text) as note from generate_series(1, 600000) g",
                        "create database crm");
        lab.worker().start();
        lab.worker().awaitServing();
    }

    @AfterEach
    void allIsWellAgain() {
        proxy().heal();
        lab.worker().start();
    }

    @AfterAll
    void end() {
        eye.close();
        lab.close();
    }

    @Test
    void aDumpIsPlannedTakenListedAndTold() {
        assertThat(succeeds("show", "daily-dump").output()).contains("## By hand (no Temporal)");
        assertThat(succeeds("list").output()).contains("daily-dump");
        assertThat(succeeds("plan", "daily-dump", "--cluster", "main").output())
                .contains("dump-databases", "verify-dumps", "postgres/daily/");

        JsonNode report = json(succeeds("start", "daily-dump", "--cluster", "main", "-o", "json"));

        assertThat(report.path("mode").asText()).isEqualTo("backup");
        assertThat(report.path("verdicts").path("verified").asText()).isEqualTo("pass");
        assertThat(report.path("checks").findValuesAsText("name"))
                .contains(
                        "shop: archive and globals read back", "shop: table of contents", "shop: size", "crm: tables");
        JsonNode dump = newest("shop");
        assertThat(dump.fieldNames())
                .toIterable()
                .containsExactly(
                        "id",
                        "kind",
                        "cluster",
                        "database",
                        "startedAt",
                        "endedAt",
                        "bytes",
                        "storedBytes",
                        "timeline",
                        "provedAt",
                        "pinned",
                        "lsn");
        assertThat(dump.path("id").asText()).matches("shop_\\d{4}-\\d{2}-\\d{2}_\\d{6}");
        assertThat(dump.path("timeline").isNull()).isTrue();
        assertThat(dump.path("bytes").asLong()).isGreaterThan(40_000_000);
        assertThat(dump.path("storedBytes").asLong())
                .isBetween(1_000_000L, dump.path("bytes").asLong() - 1);
        assertThat(succeeds("backups", "main").output()).contains("main.shop", "main.crm");
        assertThat(lab.cli().run("doctor").output()).contains("newest dumps", "shop 0 h old, crm 0 h old");
        assertThat(objects("postgres/daily/main/" + dump.path("id").asText()))
                .hasSize(3)
                .anyMatch(key -> key.endsWith(".globals.sql.zst"));
    }

    @Test
    void theWorkerIsKilledInTheMiddleOfTheUploadAndAnotherOneGoesOn() {
        long before = dumps().count();
        CompletableFuture<Void> kill = proxy().onceSent(SENDS_ARCHIVE, 5_000_000, lab.worker()::kill);

        succeeds("start", "daily-dump", "--cluster", "main", "--detach");
        kill.orTimeout(180, TimeUnit.SECONDS).join();
        lab.worker().start();

        assertThat(ended().path("resumes").asInt()).isPositive();
        assertThat(dumps().count()).isEqualTo(before + 2);
        assertNothingIsLeft();
    }

    @Test
    void theBucketIsAwayForAWhileAndTheDumpIsWholeInTheEnd() {
        long before = dumps().count();
        CompletableFuture<Void> away = proxy().onceSent(SENDS_ARCHIVE, 3_000_000, proxy()::refuse);

        succeeds("start", "daily-dump", "--cluster", "main", "--detach");
        away.orTimeout(180, TimeUnit.SECONDS).join();
        eye.awaitNextAttempt(RUN, "PostgresDumpDumpDatabase", Duration.ofMinutes(2));
        proxy().heal();

        JsonNode report = ended();
        assertThat(report.path("steps"))
                .as(report.toPrettyString())
                .anyMatch(step -> step.path("id").asText().equals("dump-databases")
                        && step.path("attempts").asInt() > 1);
        assertThat(dumps().count()).isEqualTo(before + 2);
        assertNothingIsLeft();
    }

    @Test
    void theServerIsKilledInTheMiddleAndDumpedWhenItIsBack() {
        CompletableFuture<Void> kill = proxy().onceSent(SENDS_ARCHIVE, 1_000_000, lab.postgres()::kill);

        succeeds("start", "daily-dump", "--cluster", "main", "--database", "shop", "--detach");
        kill.orTimeout(180, TimeUnit.SECONDS).join();
        lab.postgres().start();

        ended();
        assertNothingIsLeft();
    }

    static Stream<String> activities() {
        return KilledRuns.sampleUnlessThorough(DailyDumpIT.class, ACTIVITIES, 1);
    }

    @ParameterizedTest
    @MethodSource("activities")
    void aKilledWorkerIsReplacedWhereverItWas(String activity) {
        long before = dumps().count();
        succeeds("start", "daily-dump", "--cluster", "main", "--detach");
        eye.awaitActivity(RUN, activity);

        lab.worker().kill();
        lab.worker().start();
        lab.worker().awaitServing();

        ended();
        assertThat(dumps().count()).isEqualTo(before + 2);
        assertNothingIsLeft();
    }

    @Test
    void oneDatabaseThatCannotBeDumpedMakesTheRunRedAndTheOtherOneIsDumped() {
        lab.postgres().execute("alter database crm allow_connections false");
        try {
            long before = dumps().count();

            Cli.Result result = lab.cli().run("start", "daily-dump", "--cluster", "main", "-o", "json");

            assertThat(result.exitCode()).as(result.toString()).isEqualTo(1);
            JsonNode report = json(result);
            assertThat(report.path("verdicts").path("executed").asText()).isEqualTo("fail");
            assertThat(report.path("findings").findValuesAsText("what"))
                    .anyMatch(what -> what.contains("database crm was not dumped"));
            assertThat(report.path("failure").path("message").asText())
                    .contains("crm", "not currently accepting connections");
            assertThat(dumps().count()).isEqualTo(before + 1);
        } finally {
            lab.postgres().execute("alter database crm allow_connections true");
        }
    }

    @Test
    void whatIsWrongIsRefusedWithASentenceAndNothingIsWritten() {
        assertRefused(NOT_READY, "main has none of that name", "--database", "shpo");
        assertRefused(WRONG_USE, "takes no --drill", "--drill");
        assertRefused(WRONG_USE, "takes no --backup", "--backup", "latest");
        assertRefused(WRONG_USE, "between 1 and 63 bytes", "--database", "x".repeat(64));
    }

    @Test
    void aSecondRunIsRefusedWhileOneIsOpenAndWhoHoldsItUpIsTold() throws SQLException {
        try (Connection migration = lab.postgres().connect();
                Statement statement = migration.createStatement()) {
            migration.setAutoCommit(false);
            statement.execute("set application_name = 'alembic upgrade'");
            statement.execute("lock table orders in access exclusive mode");
            succeeds("start", "daily-dump", "--cluster", "main", "--detach");
            eye.awaitActivity(RUN, "PostgresDumpDumpDatabase");

            assertRefused(HELD, "a run of that name is still open");
            migration.rollback();
        }
        ended();
    }

    private void assertRefused(int exitCode, String inTheError, String... inputs) {
        List<String> before = objects("");
        List<String> words = new ArrayList<>(List.of("start", "daily-dump", "--cluster", "main", "--wait", "20s"));
        words.addAll(Arrays.asList(inputs));

        Cli.Result result = lab.cli().run(words);

        assertThat(result.exitCode()).as(result.toString()).isEqualTo(exitCode);
        assertThat(result.errors().lines())
                .as(result.toString())
                .anyMatch(line -> line.startsWith("lifeboat: error: ") && line.contains(inTheError))
                .anyMatch(line -> line.startsWith("lifeboat: hint: "));
        if (exitCode != HELD) {
            assertThat(objects("")).isEqualTo(before);
        }
    }

    /** The report of the run, which has ended well. */
    private JsonNode ended() {
        eye.awaitEnd(RUN, Duration.ofMinutes(5));
        JsonNode report = json(succeeds("report", RUN, "-o", "json"));
        assertThat(report.path("exitCode").asInt()).as(report.toPrettyString()).isZero();
        return report;
    }

    /** Every object below the dumps belongs to one, and nobody holds the lease. */
    private void assertNothingIsLeft() {
        List<String> keys = objects("postgres/daily/main/");
        List<String> ids = keys.stream()
                .filter(key -> key.endsWith(".manifest.json"))
                .map(key -> key.substring(0, key.length() - ".manifest.json".length()))
                .toList();
        assertThat(keys).hasSize(3 * ids.size()).allMatch(key -> ids.stream().anyMatch(id -> key.startsWith(id + ".")));
        List<String> leases = objects("leases/main.daily-dump/");
        assertThat(leases.stream().filter(key -> key.endsWith(".end.json")))
                .as(leases.toString())
                .hasSize(leases.size() / 2);
    }

    private Stream<JsonNode> dumps() {
        List<JsonNode> dumps = new ArrayList<>();
        json(succeeds("backups", "main", "-o", "json")).path("backups").forEach(dumps::add);
        return dumps.stream().filter(each -> each.path("kind").asText().equals("dump"));
    }

    private JsonNode newest(String database) {
        return dumps().filter(each -> each.path("database").asText().equals(database))
                .reduce((earlier, later) -> later)
                .orElseThrow();
    }

    private List<String> objects(String prefix) {
        try (S3Client client = lab.s3().client()) {
            return client.listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET).prefix(prefix)).contents().stream()
                    .map(S3Object::key)
                    .sorted()
                    .toList();
        }
    }

    private Cli.Result succeeds(String... words) {
        Cli.Result result = lab.cli().run(words);
        assertThat(result.exitCode())
                .as("lifeboat %s: %s", String.join(" ", words), result)
                .isZero();
        return result;
    }

    private static JsonNode json(Cli.Result result) {
        return World.json(result.output());
    }

    private FaultyProxy proxy() {
        return lab.storeProxy();
    }
}
