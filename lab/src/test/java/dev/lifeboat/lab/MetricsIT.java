package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.BucketLayout;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** One worker, and what it tells a monitoring system through good and bad minutes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MetricsIT {

    private static final Path ROOT = Path.of(System.getProperty("lifeboat.root"));
    private static final Pattern DOCUMENTED = Pattern.compile("\\| `(lifeboat_\\w+)` \\| ([a-z, ]+) \\|.*");
    private static final Pattern SAMPLE = Pattern.compile("(\\w+?)(_count|_sum|_max)?(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Duration LIMIT = Duration.ofMinutes(4);

    private final World world = World.start(
            lab -> lab.storeProxy()
                    .moreConfig(
                            """
                    worker: { metrics-every: PT1S }
                    schedules:
                      - { runbook: daily-dump, cluster: main, cron: "0 2 1 1 *" }
                    """));

    @AfterAll
    void end() {
        world.close();
    }

    @Test
    @Order(1)
    void aRecoveryThatWentWellIsSeen() {
        Instant before = Instant.now();
        world.recover("--target", "latest", "--drill");

        await("lifeboat_run_ended_timestamp_seconds{run=\"pitr-recovery/main/drill\"", before.getEpochSecond());
        for (String verdict : World.VERDICTS) {
            assertThat(value("lifeboat_run_verdict{run=\"pitr-recovery/main/drill\"", "verdict=\"" + verdict + '"'))
                    .as(verdict)
                    .isEqualTo(1);
        }
        assertThat(value("lifeboat_run_exit_code{run=\"pitr-recovery/main/drill\""))
                .isZero();
        assertThat(value("lifeboat_run_recovery_time_seconds{run=\"pitr-recovery/main/drill\""))
                .isBetween(0.1, 600.0);
        await("lifeboat_backup_proved_timestamp_seconds", before.getEpochSecond());
        world.succeeds("start", "daily-dump", "--cluster", Lab.CLUSTER);
        await("lifeboat_dump_newest_timestamp_seconds{database=\"shop\"", before.getEpochSecond());
        await("lifeboat_run_ended_timestamp_seconds{run=\"daily-dump/main\"", before.getEpochSecond());
        assertThat(samples("lifeboat_schedule_due_timestamp_seconds{run=\"daily-dump/main\""))
                .as("it was due on the first of January, when nobody knew of it")
                .containsExactly(Double.NaN);
        assertThat(value("lifeboat_dump_age_seconds{database=\"shop\"")).isBetween(0.0, 600.0);
        assertThat(value("lifeboat_dump_newest_bytes")).isGreaterThan(value("lifeboat_dump_newest_stored_bytes"));
        assertThat(value("lifeboat_step_duration_seconds_count", "step=\"replay-wal\"", "outcome=\"done\""))
                .isEqualTo(1);
        assertThat(value("lifeboat_backups")).isEqualTo(1);
        assertThat(value("lifeboat_backup_newest_bytes")).isGreaterThan(20e6);
        assertThat(value("lifeboat_store_bytes_total", "direction=\"received\""))
                .isGreaterThan(3e6);
        assertThat(value("lifeboat_store_bytes_total", "direction=\"sent\"")).isGreaterThan(3e6);
    }

    @Test
    @Order(2)
    void theArchiveIsSeenToAdvance() {
        double files = value("lifeboat_archive_files_total");
        Instant before = Instant.now();

        world.archiveSegments(2);

        await("lifeboat_archive_files_total", files + 2);
        await("lifeboat_window_end_timestamp_seconds", before.getEpochSecond());
        assertThat(value("lifeboat_archive_active")).isEqualTo(1);
        assertThat(value("lifeboat_archive_failing")).isZero();
        assertThat(value("lifeboat_archive_last_timestamp_seconds")).isGreaterThanOrEqualTo(before.getEpochSecond());
        assertThat(value("lifeboat_archive_bytes_total")).isGreaterThan(32e6);
    }

    @Test
    @Order(3)
    void aBucketThatIsAwayIsSeenAndSoIsItsReturn() {
        CompletableFuture<Void> away = world.lab()
                .storeProxy()
                .onRequest(line -> line.contains("/chunks/"), 1, world.lab().storeProxy()::refuse);
        world.succeeds("start", "base-backup", "--cluster", Lab.CLUSTER, "--detach");
        Awaitility.await("the bucket to be away").atMost(LIMIT).until(away::isDone);
        String late = world.switchSegment();

        await("lifeboat_archive_failing", 1);
        await("lifeboat_archive_lag_segments", 1);
        await("lifeboat_archive_lag_seconds", 1);
        await("lifeboat_archive_failures_total", 1);
        await("lifeboat_look_failures_total{look=\"runs\"", 1);
        await("lifeboat_store_retries_total", 1);
        await("lifeboat_step_retries_total", 1);

        world.lab().storeProxy().heal();
        world.awaitArchived(late);
        assertThat(world.lab().cli().run("watch", "base-backup/" + Lab.CLUSTER).exitCode())
                .isZero();
        await("lifeboat_backups", 2);
        Awaitility.await().atMost(LIMIT).until(() -> value("lifeboat_archive_lag_segments") == 0);
        Awaitility.await().atMost(LIMIT).until(() -> value("lifeboat_archive_failing") == 0);
    }

    @Test
    @Order(4)
    void aLeaseThatIsHeldIsSeen() {
        // Not from the metric, which may be from before the newest run.
        long last = newestLease();
        await("lifeboat_lease_number{target=\"main\"", last);
        Awaitility.await().atMost(LIMIT).until(() -> value("lifeboat_lease_held{target=\"main\"") == 0);
        long next = last + 1;

        put(BucketLayout.lease(Lab.CLUSTER, next));

        await("lifeboat_lease_held{target=\"main\"", 1);
        assertThat(value("lifeboat_lease_number{target=\"main\"")).isEqualTo(next);
        put(BucketLayout.leaseEnd(Lab.CLUSTER, next));
        Awaitility.await().atMost(LIMIT).until(() -> value("lifeboat_lease_held{target=\"main\"") == 0);
    }

    @Test
    @Order(4)
    void startsBySchedulesAreCountedAndSoIsWhatWasSkipped() {
        try (TemporalEye eye = new TemporalEye(world.lab())) {
            eye.startAsASchedule("scheduled/one", "inquiry/nobody");
            eye.startAsASchedule("scheduled/two", "inquiry/nobody");
        }

        assertThat(value("lifeboat_scheduled_starts_total", "runbook=\"inquiry\"", "outcome=\"started\""))
                .isEqualTo(1);
        assertThat(value("lifeboat_scheduled_starts_total", "runbook=\"inquiry\"", "outcome=\"skipped\""))
                .isEqualTo(1);
    }

    @Test
    @Order(5)
    void everyMetricIsDocumentedWithItsLabelsAndEveryDocumentedOneIsThere() throws IOException {
        SortedMap<String, Set<String>> seen = new TreeMap<>();
        scrape().forEach(line -> {
            Matcher sample = SAMPLE.matcher(line);
            if (line.startsWith("lifeboat_") && sample.matches()) {
                seen.put(sample.group(1), labels(sample.group(3)).keySet());
            }
        });

        assertThat(seen).isEqualTo(documented());
    }

    @Test
    @Order(6)
    void noAlertAsksForAMetricThatIsNotDocumented() throws IOException {
        Set<String> asked = new TreeSet<>();
        Matcher name = Pattern.compile("lifeboat_\\w+").matcher(Files.readString(ROOT.resolve("docs/alerts.yaml")));
        while (name.find()) {
            asked.add(name.group());
        }

        assertThat(asked).hasSizeGreaterThan(8);
        assertThat(documented().keySet()).containsAll(asked);
        for (String line : Files.readAllLines(ROOT.resolve("docs/alerts.yaml"))) {
            if (line.strip().startsWith("runbook_url: ")) {
                assertThat(ROOT.resolve(line.strip().substring("runbook_url: ".length())))
                        .isRegularFile();
            }
        }
    }

    private static SortedMap<String, Set<String>> documented() throws IOException {
        SortedMap<String, Set<String>> documented = new TreeMap<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/metrics.md"))) {
            Matcher row = DOCUMENTED.matcher(line);
            if (row.matches()) {
                documented.put(row.group(1), new TreeSet<>(Set.of(row.group(2).split(", "))));
            }
        }
        return documented;
    }

    private void await(String sample, double atLeast) {
        Awaitility.await(sample + " of at least " + atLeast).atMost(LIMIT).until(() -> samples(sample)
                .anyMatch(value -> value >= atLeast));
    }

    /** The only sample whose line has all of these in it. */
    private double value(String... parts) {
        return samples(parts)
                .reduce((one, other) -> {
                    throw new AssertionError("more than one sample of " + String.join(" ", parts));
                })
                .orElse(Double.NaN);
    }

    private Stream<Double> samples(String... parts) {
        return scrape().filter(line -> Stream.of(parts).allMatch(part -> has(line, part)))
                .map(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
    }

    /** {@code name}, {@code name{label="value"} or {@code label="value"}. */
    private static boolean has(String line, String part) {
        int brace = part.indexOf('{');
        if (brace >= 0) {
            return has(line, part.substring(0, brace)) && has(line, part.substring(brace + 1));
        }
        return part.contains("=")
                ? line.contains("{" + part) || line.contains("," + part)
                : line.startsWith(part + "{") || line.startsWith(part + " ");
    }

    private static Map<String, String> labels(String text) {
        return LABEL.matcher(text == null ? "" : text)
                .results()
                .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2), (a, b) -> a, TreeMap::new));
    }

    private Stream<String> scrape() {
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(
                                            world.lab().worker().health().replace("/health", "/prometheus")))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return answer.body().lines();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private long newestLease() {
        try (S3Client client = world.lab().s3().client()) {
            return client
                    .listObjectsV2(list -> list.bucket(Lab.BUCKET).prefix(BucketLayout.LEASES + Lab.CLUSTER + "/"))
                    .contents()
                    .stream()
                    .map(object -> object.key().replaceAll(".*/(\\d+)\\..*", "$1"))
                    .mapToLong(Long::parseLong)
                    .max()
                    .orElseThrow();
        }
    }

    private void put(String key) {
        try (S3Client client = world.lab().s3().client()) {
            client.putObject(put -> put.bucket(Lab.BUCKET).key(key), RequestBody.fromString("{\"format\":1}"));
        }
    }
}
