package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.lab.engine.TemporalEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A cluster that the lab did not make, with what Debian gives it: configuration outside of the data directory, TLS,
 * start and stop by {@code pg_ctlcluster}. Through the operator's tool and the workflow, in the states in which a
 * cluster is found at 3 a.m.
 */
@Tag("any-engine")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DebianClusterIT {

    private static final String ROWS = "select id || ' ' || note from orders order by id";
    private static final String NOW =
            "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private DebianCluster cluster;
    private Cli cli;

    @BeforeAll
    void start() throws IOException {
        Optional<String> obstacle = DebianCluster.obstacle();
        obstacle.ifPresent(why -> System.out.println("DebianClusterIT: not run on this machine: " + why));
        assumeTrue(obstacle.isEmpty(), obstacle.orElse(""));
        Path folder = Folders.temporary("lifeboat-debian-cluster");
        started.push(() -> Folders.remove(folder));
        cluster = closeLater(DebianCluster.create());
        S3Engine s3 = closeLater(EngineChoice.ofBuild().s3(folder.resolve("s3")));
        TemporalEngine temporal = closeLater(EngineChoice.ofBuild().temporal(folder.resolve("temporal")));
        s3.createBucket("debian");
        Path config = Files.writeString(folder.resolve("lifeboat.yaml"), yaml(s3, temporal));
        cli = new Cli(Checkout.find(), config);
        WorkerProcess worker = closeLater(new WorkerProcess(
                Checkout.find(),
                config,
                folder.resolve("worker.log"),
                Map.of("S3_KEY", s3.accessKey(), "S3_SECRET", s3.secretKey(), "PGPASSWORD", DebianCluster.PASSWORD)));
        worker.start();
        worker.awaitServing();
        cluster.execute(
                "create table orders (id int primary key, note text)",
                "insert into orders select n, 'order ' || n from generate_series(1, 500) n");
        lifeboat("setup", "postgres", cluster.name(), "--apply");
        cluster.control("restart");
        lifeboat("start", "base-backup", "--cluster", cluster.name());
    }

    @AfterAll
    void end() throws Exception {
        while (!started.isEmpty()) {
            started.pop().close();
        }
    }

    @Test
    @Order(1)
    void itComesBackToATimeByTheCommandsOfDebian() throws IOException {
        List<String> rows = cluster.query(ROWS);
        String target = goodMomentBefore("update orders set note = 'ruined'");
        String conf = Files.readString(cluster.configFolder().resolve("pg_hba.conf"));

        JsonNode report = recover("--target", target);

        assertThat(cluster.query(ROWS)).isEqualTo(rows);
        assertThat(report.path("recoveryPoint").path("timeline").asInt()).isEqualTo(2);
        assertThat(detail(report, "stop-server")).isEqualTo("stopped by its configured command");
        assertThat(detail(report, "reopen-cluster")).startsWith("started");
        assertThat(cluster.configFolder().resolve("pg_hba.conf")).hasContent(conf);
        // The first process wrote there too; the recovered one does so because Debian's own command started it.
        assertThat(Files.readString(cluster.log()).split("database system is ready to accept connections"))
                .hasSize(4);
        assertThat(cluster.status()).isEqualTo("online");
    }

    @Test
    @Order(2)
    void aSecondRecoveryGoesAcrossTheTimelineOfTheFirst() {
        cluster.execute("insert into orders select n, 'later ' || n from generate_series(501, 600) n");
        List<String> rows = cluster.query(ROWS);
        String target = goodMomentBefore("delete from orders");

        JsonNode report = recover("--target", target);

        assertThat(cluster.query(ROWS)).isEqualTo(rows);
        assertThat(report.path("recoveryPoint").path("timeline").asInt()).isEqualTo(3);
    }

    /** A damaged control file, printed by {@code pg_controldata} all the same, is no other cluster's. */
    @Test
    @Order(3)
    void oneThatCannotStartIsRecoveredAndABrokenConfigurationWaitsForItsOwner() throws IOException {
        List<String> rows = cluster.query(ROWS);
        String target = goodMomentBefore("delete from orders");
        cluster.control("stop");
        Path control = cluster.dataDirectory().resolve("global/pg_control");
        Files.write(control, new byte[64], StandardOpenOption.WRITE);
        Path conf = cluster.configFolder().resolve("postgresql.conf");
        byte[] good = Files.readAllBytes(conf);
        Files.writeString(conf, "shared_buffers = plenty\n", StandardOpenOption.APPEND);

        lifeboat("start", "pitr-recovery", "--cluster", cluster.name(), "--target", target, "--yes", "--detach");
        String asked = awaitQuestion();
        Files.write(conf, good);
        lifeboat("retry", run(), "--reason", "put the configuration back");
        JsonNode report = World.json(lifeboat("watch", run(), "-o", "json"));

        assertThat(asked).contains("CONFIGURATION_BROKEN", "shared_buffers", "as it was in the base backup");
        assertThat(cluster.query(ROWS)).isEqualTo(rows);
        World.assertPassed(report);
    }

    @Test
    @Order(4)
    void oneThatIsGoneAltogetherComesBackWithTheConfigurationOfItsBackup() throws IOException {
        cluster.execute("insert into orders values (9001, 'the last that is archived')");
        List<String> rows = cluster.query(ROWS);
        awaitArchived();
        Folders.remove(cluster.dataDirectory());
        Folders.remove(cluster.configFolder());

        JsonNode report = World.json(lifeboat(start("--target", "latest")));

        assertThat(cluster.query(ROWS)).isEqualTo(rows);
        assertThat(cluster.status()).isEqualTo("online");
        assertThat(cluster.query("show ssl")).containsExactly("on");
        assertThat(report.path("findings").toString())
                .contains(
                        "pg_wal is gone",
                        cluster.configFolder().resolve("pg_hba.conf").toString());
        assertThat(report.path("verdicts").path("verified").asText()).isEqualTo("pass");
    }

    /** A time after everything that is committed now, and before the damage that it does. */
    private String goodMomentBefore(String damage) {
        String moment = cluster.query(NOW).get(0);
        cluster.execute(damage);
        return moment;
    }

    private JsonNode recover(String... inputs) {
        JsonNode report = World.json(lifeboat(start(inputs)));
        World.assertPassed(report);
        return report;
    }

    private String[] start(String... inputs) {
        List<String> words = new ArrayList<>(List.of("start", "pitr-recovery", "--cluster", cluster.name(), "--yes"));
        words.addAll(Arrays.asList(inputs));
        words.addAll(List.of("-o", "json"));
        return words.toArray(String[]::new);
    }

    private String run() {
        return "pitr-recovery/" + cluster.name();
    }

    private String awaitQuestion() {
        long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        String said = "";
        while (System.nanoTime() < end) {
            said = lifeboat("status", run());
            if (said.contains("lifeboat retry")) {
                return said;
            }
        }
        throw new AssertionError("the run asks nothing: " + said);
    }

    private void awaitArchived() {
        String last =
                cluster.query("select pg_walfile_name(pg_switch_wal() - 1)").get(0);
        String waiting = "select name from pg_ls_archive_statusdir() where name = '" + last + ".ready'";
        Awaitility.await("archiving of " + last).atMost(Duration.ofMinutes(3)).until(() -> cluster.query(waiting)
                .isEmpty());
    }

    private String lifeboat(String... words) {
        Cli.Result result = cli.run(words);
        assertThat(result.exitCode())
                .as("lifeboat %s: %s", List.of(words), result)
                .isZero();
        return result.output();
    }

    private static String detail(JsonNode report, String step) {
        for (JsonNode each : report.path("steps")) {
            if (each.path("id").asText().equals(step)) {
                return each.path("detail").asText();
            }
        }
        return "";
    }

    private <T extends AutoCloseable> T closeLater(T part) {
        started.push(part);
        return part;
    }

    private String yaml(S3Engine s3, TemporalEngine temporal) {
        return """
                platform: shop
                temporal: { address: "%s", sticky-workflows: %s }
                bucket:
                  url: s3://debian/
                  endpoint: %s
                  region: %s
                  access-key: env:S3_KEY
                  secret-key: env:S3_SECRET
                postgres:
                  %s:
                    data-directory: %s
                    bin-directory: %s
                    config-file: %s
                    run-as: postgres
                    port: %d
                    user: postgres
                    password: env:PGPASSWORD
                    database: %s
                    start: "%s"
                    stop: "%s"
                    smoke-tests:
                      - { name: there are orders, sql: "select count(*) from orders", at-least: 500 }
                """
                .formatted(
                        temporal.address(),
                        temporal.isReal(),
                        s3.endpoint(),
                        S3Engine.REGION,
                        cluster.name(),
                        cluster.dataDirectory(),
                        cluster.binDirectory(),
                        cluster.configFolder().resolve("postgresql.conf"),
                        cluster.port(),
                        DebianCluster.DATABASE,
                        cluster.controlCommand("start"),
                        cluster.controlCommand("stop"));
    }
}
