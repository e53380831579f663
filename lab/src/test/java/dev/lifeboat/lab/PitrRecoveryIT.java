package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.lab.engine.Ports;
import dev.lifeboat.lab.load.Ledger;
import dev.lifeboat.lab.load.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** Every way to name a point to recover to, on one cluster with writers, with every row compared. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PitrRecoveryIT {

    private final World world = World.start();

    @BeforeAll
    void thereIsSomethingToLose() {
        assertThat(world.load().committed()).isGreaterThan(100);
    }

    @AfterAll
    void end() {
        world.close();
    }

    @Test
    @Order(1)
    void aDrillProvesAndMeasuresAndLeavesNothingBehind() {
        Instant moment = world.goodMoment();
        String postmaster = world.postgres().query("select pg_postmaster_start_time()::text");

        JsonNode report = world.recover("--target", moment.toString(), "--drill");

        assertThat(report.path("mode").asText()).isEqualTo("drill");
        // The worker's own marker may have committed after the last order.
        assertThat(Instant.parse(
                        report.path("recoveryPoint").path("lastCommitAt").asText()))
                .isBetween(lastOrderUntil(moment), moment);
        assertThat(Instant.parse(
                        report.path("recoveryPoint").path("nextCommitAt").asText()))
                .isAfter(moment);
        assertThat(world.postgres().query("select pg_postmaster_start_time()::text"))
                .isEqualTo(postmaster);
        assertThat(world.postgres().root().resolve("data/lifeboat-main/drill")).doesNotExist();
        theEvidenceIsCompleteAndItsSumsAreRight(report);
        assertThat(World.json(world.succeeds("backups", Lab.CLUSTER, "-o", "json")
                                .output())
                        .path("backups")
                        .findValuesAsText("provedAt"))
                .containsExactly(report.path("endedAt").asText());
    }

    @Test
    @Order(2)
    void aRestorePointIsRecoveredBesideTheLiveCluster() {
        Path copy = world.newCopy("copy-name");
        int port = Ports.free();
        world.load().pause();
        world.postgres().execute("select pg_create_restore_point('before_release')");
        Instant mark = Instant.now();
        world.load().goOn();
        world.load().await(20, Duration.ofMinutes(2));

        JsonNode report = world.recover(
                "--target-name", "before_release", "--into", copy.toString(), "--port", Integer.toString(port));

        assertThat(report.path("run").asText()).isEqualTo("pitr-recovery/main/into-" + port);
        Map<Long, Ledger.Entry> expected = world.ledger().until(mark);
        assertThat(world.rowsAt(port).compare(expected, world.ledger().inDoubt()))
                .matches(Rows.Difference::isNone);
        assertThat(copy).exists();
        assertThat(copy.resolveSibling(copy.getFileName() + ".lifeboat")).doesNotExist();
    }

    @Test
    @Order(3)
    void aTransactionIsTheLastOneOrJustNotInAnyMore() {
        world.load().await(30, Duration.ofMinutes(2));
        List<Ledger.Entry> entries = world.ledger().entries();
        Ledger.Entry last = entries.get(entries.size() - 10);
        world.load().await(20, Duration.ofMinutes(2));
        int port = Ports.free();

        world.recover(
                "--target-xid",
                Long.toString(last.xid()),
                "--exclusive",
                "--into",
                world.newCopy("copy-xid").toString(),
                "--port",
                Integer.toString(port));

        Map<Long, String> rows = world.rowsAt(port).hashes();
        assertThat(rows).doesNotContainKey(last.id());
        assertThat(rows.keySet())
                .containsAll(entries.stream()
                        .filter(entry ->
                                entry.committedAt().isBefore(last.committedAt().minusMillis(50)))
                        .map(Ledger.Entry::id)
                        .collect(Collectors.toSet()));
    }

    @Test
    @Order(4)
    void anLsnIsReachedInADrill() {
        world.load().await(10, Duration.ofMinutes(2));
        String lsn = String.valueOf(world.postgres().query("select pg_current_wal_insert_lsn()"));
        world.load().await(20, Duration.ofMinutes(2));

        JsonNode report = world.recover("--target-lsn", lsn, "--drill");

        assertThat(report.path("recoveryPoint").path("lsn").asText()).isNotEmpty();
    }

    @Test
    @Order(5)
    void immediateStopsWhereTheBaseBackupIsConsistent() {
        JsonNode report = world.recover("--target", "immediate", "--drill");

        assertThat(report.path("source").path("baseBackup").asText()).isNotEmpty();
    }

    @Test
    @Order(6)
    void theLiveClustersPlaceIsTakenAndTheOldDataIsKept() {
        Instant moment = world.goodMoment();
        world.postgres().execute("update orders set amount_cents = 0");
        world.load().await(20, Duration.ofMinutes(2));
        world.load().pause();

        JsonNode report = world.recover("--target", moment.toString(), "--reason", "bad update");

        world.assertRowsAt(moment);
        assertThat(report.path("recoveryPoint").path("timeline").asInt()).isEqualTo(2);
        assertThat(Files.isDirectory(
                        Path.of(report.path("leftBehind").path(0).path("where").asText())))
                .isTrue();
        Instant reopened = Instant.parse(report.path("endedAt").asText());
        forgetGivenUp(moment, reopened);
        world.load().goOn();
        world.load().await(100, Duration.ofMinutes(2));
    }

    @Test
    @Order(7)
    void aSecondRecoveryWorksOnTheTimelineOfTheFirst() {
        Instant moment = world.goodMoment();
        world.postgres().execute("drop table orders");
        world.load().pause();

        JsonNode report = world.recover("--target", moment.toString(), "--reason", "dropped table");

        world.assertRowsAt(moment);
        assertThat(report.path("recoveryPoint").path("timeline").asInt()).isEqualTo(3);
        forgetGivenUp(moment, Instant.parse(report.path("endedAt").asText()));
        world.load().goOn();
        world.load().await(30, Duration.ofMinutes(2));
    }

    @Test
    @Order(8)
    void latestBringsEveryAcknowledgedRowBack() {
        world.load().pause();
        Instant end = Instant.now();

        world.recover("--target", "latest", "--reason", "everything there is");

        world.assertRowsAt(end);
        world.load().goOn();
    }

    private void theEvidenceIsCompleteAndItsSumsAreRight(JsonNode report) {
        Path folder = world.newCopy("evidence");
        world.succeeds("report", report.path("run").asText(), "--output-dir", folder.toString());

        assertThat(world.succeeds("verify-evidence", folder.toString()).output())
                .contains("pass: ")
                .doesNotContain("FAIL");

        for (JsonNode step : report.path("steps")) {
            boolean ran = step.path("attempts").asInt() > 0
                    && !step.path("id").asText().equals("write-report");
            assertThat(step.path("logs").size() > 0).as("logs of %s", step).isEqualTo(ran);
            step.path("logs")
                    .forEach(log ->
                            assertThat(folder.resolve(log.asText())).content().contains("begins", "done"));
        }
        assertThat(logOf(report, folder, "restore-base-backup")).contains("pg_verifybackup", "it exited with 0");
        assertThat(logOf(report, folder, "replay-wal")).contains("server-0001.log", "archive recovery complete");
        assertThat(logOf(report, folder, "smoke-test-copy")).contains("select count(*) from orders");
        assertThat(sums(folder)).contains("steps/").doesNotContain("FAILED");
    }

    private static String logOf(JsonNode report, Path folder, String step) {
        for (JsonNode record : report.path("steps")) {
            if (record.path("id").asText().equals(step)) {
                try {
                    return Files.readString(
                            folder.resolve(record.path("logs").path(0).asText()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        throw new AssertionError("no step " + step);
    }

    private static String sums(Path folder) {
        try {
            Process check = new ProcessBuilder("sha256sum", "-c", "--strict", "SHA256SUMS")
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(check.waitFor()).as(said).isZero();
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Instant lastOrderUntil(Instant moment) {
        return world.ledger().until(moment).values().stream()
                .map(Ledger.Entry::committedAt)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private void forgetGivenUp(Instant moment, Instant reopened) {
        world.ledger().givesUp(moment, reopened);
    }
}
