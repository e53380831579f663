package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.lab.engine.RealTemporal;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.api.schedule.v1.SchedulePatch;
import io.temporal.api.schedule.v1.TriggerImmediatelyRequest;
import io.temporal.api.workflowservice.v1.CreateScheduleRequest;
import io.temporal.api.workflowservice.v1.DescribeScheduleRequest;
import io.temporal.api.workflowservice.v1.DescribeScheduleResponse;
import io.temporal.api.workflowservice.v1.PatchScheduleRequest;
import io.temporal.api.workflowservice.v1.WorkflowServiceGrpc.WorkflowServiceBlockingStub;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** Schedules on the real Temporal server, from the first sync to the last. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ScheduleIT {

    private static final String RUN = "base-backup/main";
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Far away, so that nothing starts by itself before it is to. */
    private static final String YEARLY = "0 0 1 1 *";

    private @Nullable Lab started;
    private @Nullable WorkflowServiceStubs stubs;

    @BeforeAll
    void start() {
        boolean real = EngineChoice.ofBuild() == EngineChoice.REAL;
        if (!real) {
            System.out.println("ScheduleIT: the Temporal of the default build has no schedules, which LifeboatTest sees"
                    + " refused; all of it is taken with -Pengines");
        }
        assumeTrue(real, "only the real Temporal has schedules; taken with -Pengines");
        Lab lab = Lab.builder().storeProxy().start();
        started = lab;
        stubs = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(lab.temporal().address())
                .build());
        lab.setUpArchiving();
    }

    @AfterAll
    void end() {
        if (stubs != null) {
            stubs.shutdownNow();
        }
        if (started != null) {
            started.close();
        }
    }

    private Lab lab() {
        return Objects.requireNonNull(started);
    }

    @Test
    @Order(1)
    void temporalHoldsWhatTheConfigurationSaysAfterOneSync() {
        configure(schedule(YEARLY));

        Cli.Result shown = run(0, "schedule", "sync");
        assertThat(shown.output()).contains("create  " + RUN);
        assertThat(doctor().path("todo").asText()).contains("lifeboat schedule sync");

        run(0, "schedule", "sync", "--yes");
        assertThat(run(0, "schedule", "sync").errors()).contains("nothing to do");
        assertThat(doctor().path("verdict").asText()).isEqualTo("pass");

        Instant nextYear = Instant.parse((Instant.now().toString().substring(0, 4)) + "-01-01T00:00:00Z")
                .atOffset(java.time.ZoneOffset.UTC)
                .plusYears(1)
                .toInstant();
        assertThat(listed().path("nextRun").asText()).isEqualTo(nextYear.toString());
        Awaitility.await("the search to know it").atMost(LIMIT).until(() -> World.json(
                        run(0, "list", "-o", "json").output())
                .path("runbooks")
                .path(0)
                .path("nextRun")
                .asText()
                .equals(nextYear.toString()));

        configure(schedule("15,45 3 * * 1-5"));
        assertThat(run(0, "schedule", "sync", "--yes").output()).contains("cron " + YEARLY + " -> 15,45 3 * * 1-5");
        assertThat(run(0, "schedule", "sync").errors()).contains("nothing to do");
    }

    @Test
    @Order(2)
    void aTriggeredRunHoldsThePersonsLock() {
        CompletableFuture<Void> away = bucketGoesAwayAtTheFirstChunk();

        JsonNode started =
                World.json(run(0, "schedule", "trigger", RUN, "-o", "json").output());
        away.orTimeout(180, TimeUnit.SECONDS).join();

        assertThat(run(7, "start", "base-backup", "--cluster", "main").errors())
                .contains("a run of that name is still open");
        assertThat(run(7, "schedule", "trigger", RUN).errors()).contains("a run of that name is still open");
        lab().storeProxy().heal();
        JsonNode report = World.json(run(0, "watch", RUN, "-o", "json").output());
        assertThat(report.path("runId")).isEqualTo(started.path("runId"));
        assertThat(report.path("requestedBy").asText()).isEqualTo("schedule");
        assertThat(run(0, "list").output()).containsPattern(RUN + "  \\S+  exit 0");
        assertThat(run(0, "report", RUN).output()).contains("schedule");
        assertThat(listed().path("lastStart").path("words").asText()).isEqualTo("started, exit 0");
    }

    @Test
    @Order(3)
    void aPersonsRunIsLeftAloneByTheSchedule() {
        CompletableFuture<Void> away = bucketGoesAwayAtTheFirstChunk();
        JsonNode persons = World.json(run(0, "start", "base-backup", "--cluster", "main", "--detach", "-o", "json")
                .output());
        away.orTimeout(180, TimeUnit.SECONDS).join();

        assertThat(run(7, "schedule", "trigger", RUN).errors()).contains("a run of that name is still open");
        // As the clock would, which looks at nothing before.
        temporal()
                .patchSchedule(PatchScheduleRequest.newBuilder()
                        .setNamespace("default")
                        .setScheduleId(RUN)
                        .setPatch(SchedulePatch.newBuilder()
                                .setTriggerImmediately(TriggerImmediatelyRequest.newBuilder()
                                        .setOverlapPolicy(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP)))
                        .build());
        Awaitility.await("the start to be skipped").atMost(LIMIT).until(() -> listed().path("lastStart")
                .path("words")
                .asText()
                .equals("skipped: a run of that name was open, and still is"));

        lab().storeProxy().heal();
        JsonNode report = World.json(run(0, "watch", RUN, "-o", "json").output());
        assertThat(report.path("runId")).isEqualTo(persons.path("runId"));
    }

    @Test
    @Order(4)
    void aPauseByHandOutlivesASync() {
        run(0, "schedule", "pause", RUN, "--reason", "disk is full");
        configure(schedule(YEARLY));

        assertThat(run(0, "schedule", "sync", "--yes").output()).contains("stays paused by hand", "disk is full");

        JsonNode paused = listed();
        assertThat(paused.path("paused").asBoolean()).isTrue();
        assertThat(paused.path("note").asText()).contains("disk is full");
        assertThat(paused.path("nextRun").isNull()).isTrue();
        assertThat(paused.path("cron").asText()).isEqualTo(YEARLY);
        run(0, "schedule", "resume", RUN);
        assertThat(listed().path("paused").asBoolean()).isFalse();
    }

    @Test
    @Order(5)
    void aStartThatWasMissedWhileTemporalWasDownIsMadeUpForOnce() {
        configure(schedule("* * * * *"));
        run(0, "schedule", "sync", "--yes");
        int before = describe().getInfo().getRecentActionsCount();
        int backups = backups();
        Instant due =
                Instant.now().plusSeconds(5).truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
        Awaitility.await("the moment before " + due)
                .atMost(Duration.ofSeconds(70))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> Instant.now().isAfter(due.minusSeconds(3)));
        assertThat(describe().getInfo().getRecentActionsCount()).isBetween(before, before + 1);
        before = describe().getInfo().getRecentActionsCount();

        ((RealTemporal) lab().temporal()).kill();
        Awaitility.await("the moment after " + due)
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> Instant.now().isAfter(due.plusMillis(500)));
        ((RealTemporal) lab().temporal()).start();

        Awaitility.await("the start that was missed")
                .atMost(Duration.ofMinutes(3))
                .ignoreExceptions()
                .until(() -> startsAt(due) == 1);
        run(0, "schedule", "pause", RUN);
        assertThat(startsAt(due)).isEqualTo(1);
        assertThat(describe().getInfo().getRecentActionsList().stream()
                        .filter(start -> start.getScheduleTime().getSeconds() == due.getEpochSecond())
                        .allMatch(start -> start.getActualTime().getSeconds() >= due.getEpochSecond()))
                .isTrue();
        assertThat(describe().getInfo().getMissedCatchupWindow()).isZero();
        run(0, "watch", RUN);
        assertThat(backups()).isGreaterThan(backups);
    }

    @Test
    @Order(6)
    void onlyItsOwnAreRemoved() {
        DescribeScheduleResponse own = describe();
        temporal()
                .createSchedule(CreateScheduleRequest.newBuilder()
                        .setNamespace("default")
                        .setScheduleId("somebody-elses")
                        .setRequestId("1")
                        .setSchedule(own.getSchedule().toBuilder()
                                .setState(
                                        own.getSchedule().getState().toBuilder().setPaused(true)))
                        .build());
        configure("");

        assertThat(run(0, "schedule", "sync").output()).contains("remove  " + RUN);
        run(0, "schedule", "sync", "--yes");

        assertThat(run(0, "schedule", "sync").errors()).contains("nothing to do");
        assertThat(temporal()
                        .describeSchedule(DescribeScheduleRequest.newBuilder()
                                .setNamespace("default")
                                .setScheduleId("somebody-elses")
                                .build())
                        .getSchedule()
                        .getState()
                        .getPaused())
                .isTrue();
    }

    private CompletableFuture<Void> bucketGoesAwayAtTheFirstChunk() {
        return lab().storeProxy().onRequest(line -> line.contains("/chunks/"), 1, lab().storeProxy()::refuse);
    }

    private long startsAt(Instant due) {
        return describe().getInfo().getRecentActionsList().stream()
                .filter(start -> start.getScheduleTime().getSeconds() == due.getEpochSecond())
                .count();
    }

    private DescribeScheduleResponse describe() {
        return temporal()
                .describeSchedule(DescribeScheduleRequest.newBuilder()
                        .setNamespace("default")
                        .setScheduleId(RUN)
                        .build());
    }

    private WorkflowServiceBlockingStub temporal() {
        return Objects.requireNonNull(stubs).blockingStub().withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private JsonNode listed() {
        return World.json(run(0, "schedule", "list", "-o", "json").output())
                .path("schedules")
                .path(0);
    }

    /** What it says of the schedules as a whole. */
    private JsonNode doctor() {
        Cli.Result said = lab().cli().run("doctor", "-o", "json");
        return StreamSupport.stream(World.json(said.output()).path("checks").spliterator(), false)
                .filter(check -> check.path("name").asText().equals("as configured"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(said.toString()));
    }

    private int backups() {
        return World.json(run(0, "backups", "main", "-o", "json").output())
                .path("backups")
                .size();
    }

    private Cli.Result run(int exit, String... words) {
        Cli.Result result = lab().cli().run(words);
        assertThat(result.exitCode())
                .as("lifeboat %s: %s", String.join(" ", words), result)
                .isEqualTo(exit);
        return result;
    }

    private static String schedule(String cron) {
        return "schedules:\n  - { runbook: base-backup, cluster: main, cron: \"" + cron + "\", catch-up: PT10M }\n";
    }

    /** Below what the lab has written. */
    private void configure(String schedules) {
        try {
            String text = Files.readString(lab().config());
            int at = text.indexOf("schedules:");
            Files.writeString(lab().config(), (at < 0 ? text : text.substring(0, at)) + schedules);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
