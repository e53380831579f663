package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.workflows.contract.PayloadMapper;
import io.temporal.api.common.v1.Memo;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.schedule.v1.IntervalSpec;
import io.temporal.api.schedule.v1.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a Temporal that has schedules, and no clock that starts them. */
class ScheduleCommandTest {

    private static final String BACKUP =
            "  - { runbook: base-backup, cluster: main, cron: \"30 1 * * *\", jitter: PT5M }\n";
    private static final String DRILL =
            "  - { runbook: pitr-recovery, cluster: main, cron: \"0 4 1 * *\", inputs: { drill: true, target: latest } }\n";

    @TempDir
    Path folder = Path.of("");

    private final FakeSchedules temporal = new FakeSchedules();
    private Desk desk = Desk.NOBODY;

    @BeforeEach
    void sitDown() throws IOException {
        desk = new Desk(folder, address -> temporal.gateway());
        configure("schedules:\n" + BACKUP + DRILL);
    }

    @AfterEach
    void end() {
        temporal.close();
    }

    @Test
    void syncShowsWhatItWouldDoThenDoesItThenHasNothingToDo() throws IOException {
        Desk.Said shown = desk.run("schedule", "sync");
        assertThat(shown.exit()).as(shown.toString()).isZero();
        assertThat(shown.out().lines())
                .anyMatch(line ->
                        line.startsWith("create  base-backup/main ") && line.contains("cron 30 1 * * *, first at 20"));
        assertThat(shown.err()).contains("nothing was changed; 'lifeboat schedule sync --yes' does this");
        assertThat(temporal.changes).isEmpty();

        Desk.Said done = desk.run("schedule", "sync", "--yes", "-o", "json");
        assertThat(done.exit()).isZero();
        assertThat(json(done).get("applied").booleanValue()).isTrue();
        assertThat(temporal.changes).containsExactly("create base-backup/main", "create pitr-recovery/main/drill");

        Desk.Said again = desk.run("schedule", "sync", "--yes");
        assertThat(again.exit()).isZero();
        assertThat(again.out().lines()).allMatch(line -> line.startsWith("keep"));
        assertThat(again.err()).contains("nothing to do: Temporal holds exactly the schedules of");
        assertThat(temporal.changes).hasSize(2);
    }

    @Test
    void whatAScheduleStartsIsWhatAPersonWouldStart() throws IOException {
        desk.run("schedule", "sync", "--yes");

        JsonNode start = PayloadMapper.dataConverter()
                .fromPayload(input("base-backup/main").getPayloads(0), JsonNode.class, JsonNode.class);

        assertThat(start.get("workflow").textValue()).isEqualTo("BaseBackup");
        assertThat(start.get("run").textValue()).isEqualTo("base-backup/main");
        assertThat(start.at("/input/request/requestedBy").textValue()).isEqualTo("schedule");
        assertThat(start.at("/input/request/yes").booleanValue()).isTrue();
        assertThat(start.at("/input/request/objectives/rto").textValue()).isEqualTo("PT1H");
        assertThat(start.at("/input/request/typed/cluster").textValue()).isEqualTo("main");
    }

    @Test
    void aChangedConfigurationIsToldInItsOwnWords() throws IOException {
        desk.run("schedule", "sync", "--yes");
        configure("schedules:\n" + BACKUP.replace("30 1", "0 2").replace("PT5M", "PT1M") + DRILL);
        Files.writeString(
                folder.resolve("lifeboat.yaml"),
                Files.readString(folder.resolve("lifeboat.yaml"))
                        .replace("port: 5433", "port: 5433, objectives: { rto: PT2H, rpo: PT1H }"));

        Desk.Said said = desk.run("schedule", "sync", "--yes");

        assertThat(said.out())
                .contains(
                        "cron 30 1 * * * -> 0 2 * * *", "jitter 5m -> 1m", "input.request.objectives.rto PT1H -> PT2H");
        assertThat(temporal.changes).endsWith("update base-backup/main", "update pitr-recovery/main/drill");
        assertThat(desk.run("schedule", "sync").err()).contains("nothing to do");
    }

    @Test
    void whatSomebodyChangedInTemporalIsSeenAndPutRight() {
        desk.run("schedule", "sync", "--yes");
        Schedule changed = temporal.held("base-backup/main").schedule();
        temporal.held.computeIfPresent(
                "base-backup/main",
                (id, before) -> before.with(changed.toBuilder()
                        .setSpec(changed.getSpec().toBuilder()
                                .setTimezoneName("Europe/Berlin")
                                .addInterval(IntervalSpec.getDefaultInstance()))
                        .build()));

        Desk.Said said = desk.run("schedule", "sync", "--yes");

        assertThat(said.out()).contains("intervals -> none", "time zone 'Europe/Berlin' -> none");
        assertThat(temporal.held("base-backup/main").schedule()).isEqualTo(changed);
    }

    @Test
    void onlyItsOwnAreRemoved() throws IOException {
        desk.run("schedule", "sync", "--yes");
        FakeSchedules.Held own = temporal.held("base-backup/main");
        temporal.held.put(
                "nightly-report", new FakeSchedules.Held(own.schedule(), Memo.getDefaultInstance(), own.starts(), 1));
        temporal.held.put(
                "base-backup/billing", new FakeSchedules.Held(own.schedule(), owner("billing"), own.starts(), 1));
        configure("schedules:\n" + BACKUP);

        Desk.Said shown = desk.run("schedule", "sync");
        Desk.Said done = desk.run("schedule", "sync", "--yes");

        assertThat(shown.out().lines())
                .anyMatch(line -> line.matches("remove  pitr-recovery/main/drill +not in the configuration"));
        assertThat(done.exit()).isZero();
        assertThat(temporal.held.keySet()).containsExactly("base-backup/billing", "base-backup/main", "nightly-report");
        configure("");
        assertThat(desk.run("schedule", "sync", "--yes").exit()).isZero();
        assertThat(temporal.held.keySet()).containsExactly("base-backup/billing", "nightly-report");
    }

    @Test
    void aScheduleOfSomebodyElseStopsTheWholeSync() throws IOException {
        configure("schedules:\n" + BACKUP);
        desk.run("schedule", "sync", "--yes");
        FakeSchedules.Held own = temporal.held("base-backup/main");
        temporal.changes.clear();
        for (Memo owner : new Memo[] {Memo.getDefaultInstance(), owner("billing")}) {
            temporal.held.put("base-backup/main", new FakeSchedules.Held(own.schedule(), owner, own.starts(), 1));
            configure("schedules:\n" + BACKUP + DRILL);

            Desk.Said said = desk.run("schedule", "sync", "--yes", "-o", "json");

            assertThat(said.exit()).isEqualTo(8);
            assertThat(json(said).at("/error/code").textValue()).isEqualTo("SCHEDULE_NOT_OURS");
            assertThat(json(said).at("/error/message").textValue()).contains("base-backup/main", "nothing was changed");
            assertThat(temporal.changes).isEmpty();
            assertThat(desk.run("schedule", "pause", "base-backup/main").exit()).isEqualTo(8);
            assertThat(temporal.changes).isEmpty();
        }
    }

    @Test
    void whatIsPausedByHandStaysPausedAndIsSaidSo() throws IOException {
        desk.run("schedule", "sync", "--yes");

        Desk.Said paused = desk.run("schedule", "pause", "base-backup/main", "--reason", "disk is full");
        configure("schedules:\n" + BACKUP.replace("30 1", "0 2") + DRILL);
        Desk.Said synced = desk.run("schedule", "sync", "--yes");

        assertThat(paused.exit()).isZero();
        assertThat(synced.out()).contains("stays paused by hand: by ", ": disk is full");
        assertThat(state("base-backup/main")).startsWith("true by ").endsWith(": disk is full");
        assertThat(desk.run("schedule", "sync").err()).contains("nothing to do");
        assertThat(desk.run("schedule", "list").out())
                .containsPattern("base-backup/main +0 2 .* - +paused: by .*disk is full");
        assertThat(desk.run("list").out()).containsPattern("base-backup .*  paused  ");

        assertThat(desk.run("schedule", "pause", "base-backup/main").out()).contains("paused already");
        assertThat(desk.run("schedule", "resume", "base-backup/main").exit()).isZero();
        assertThat(state("base-backup/main")).startsWith("false resumed by ");
        assertThat(desk.run("schedule", "resume", "base-backup/main").out()).contains("runs already");
        assertThat(temporal.changes.stream().filter(change -> change.startsWith("resume")))
                .hasSize(1);
    }

    @Test
    void withoutAnIdAllArePausedAndResumed() {
        desk.run("schedule", "sync", "--yes");

        desk.run("schedule", "pause");

        assertThat(temporal.changes).endsWith("pause base-backup/main", "pause pitr-recovery/main/drill");
        desk.run("schedule", "resume", "base-backup/main");
        assertThat(desk.run("schedule", "resume").out()).contains("runs already  base-backup/main");
        assertThat(temporal.changes).endsWith("resume pitr-recovery/main/drill");
    }

    @Test
    void theConfigurationPausesWithItsNoteAndResumesWithoutIt() throws IOException {
        String paused = BACKUP.replace(" }", ", paused: until the disk is there }");
        configure("schedules:\n" + paused);
        assertThat(desk.run("schedule", "sync", "--yes").out()).contains("paused: until the disk is there");
        assertThat(state("base-backup/main")).isEqualTo("true lifeboat.yaml: until the disk is there");
        assertThat(desk.run("schedule", "sync").err()).contains("nothing to do");
        assertThat(desk.run("schedule", "resume", "base-backup/main").exit()).isEqualTo(2);

        configure("schedules:\n" + paused.replace("the disk", "Monday"));
        assertThat(desk.run("schedule", "sync", "--yes").out()).contains("paused for another reason: until Monday");
        configure("schedules:\n" + BACKUP);

        assertThat(desk.run("schedule", "sync", "--yes").out()).contains("no longer paused");
        assertThat(state("base-backup/main")).isEqualTo("false ");
    }

    @Test
    void triggerNamesTheRunThatItStartedOrEndsWithSevenWhereOneIsOpen() throws IOException {
        desk.run("schedule", "sync", "--yes");

        Desk.Said started = desk.run("schedule", "trigger", "base-backup/main", "-o", "json");
        assertThat(started.exit()).isZero();
        assertThat(json(started).get("runId").textValue()).isEqualTo("0192-run");

        temporal.starts = false;
        assertThat(desk.run("schedule", "trigger", "base-backup/main").exit())
                .as("it was opened between the look and the start")
                .isEqualTo(7);

        temporal.open.put("base-backup/main", Instant.now().minusSeconds(60));
        int before = temporal.changes.size();
        Desk.Said held = desk.run("schedule", "trigger", "base-backup/main");
        assertThat(held.exit()).isEqualTo(7);
        assertThat(held.err()).contains("cannot start base-backup/main: a run of that name is still open");
        assertThat(temporal.changes).hasSize(before);
        assertThat(desk.run("schedule", "list").out()).contains("skipped: a run of that name was open, and still is");
    }

    @Test
    void whatCannotBeMeantEndsWithTwoAndChangesNothing() throws IOException {
        desk.run("schedule", "sync", "--yes");
        temporal.changes.clear();

        assertThat(desk.run("schedule", "trigger").err()).contains("which schedule?");
        for (String command : new String[] {"trigger", "pause", "resume"}) {
            Desk.Said said = desk.run("schedule", command, "base-bakcup/main");
            assertThat(said.exit()).isEqualTo(2);
            assertThat(said.err()).contains("the nearest one is 'base-backup/main'");
        }
        configure("schedules:\n" + DRILL.replace("target: latest", "target: yesterday"));
        Desk.Said said = desk.run("schedule", "sync", "--yes");
        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.err()).contains("pitr-recovery/main/drill", "'yesterday' is not a time");
        configure("schedules:\n" + DRILL.replace("drill: true, ", ""));
        assertThat(desk.run("schedule", "sync", "--yes").err()).contains("would change production");
        assertThat(temporal.changes).isEmpty();
    }

    @Test
    void listsShowWhatIsMissingAndWhenTheNextOneComes() throws IOException {
        assertThat(desk.run("schedule", "list").out())
                .containsPattern("base-backup/main +30 1 .* - +missing in Temporal");
        assertThat(desk.run("list").out()).contains("not synced");
        assertThat(desk.run("schedule", "trigger", "base-backup/main").exit()).isEqualTo(8);

        desk.run("schedule", "sync", "--yes");

        JsonNode schedules = json(desk.run("schedule", "list", "-o", "json")).get("schedules");
        assertThat(schedules.get(0).get("nextRun").textValue()).isEqualTo("2030-01-01T01:30:00Z");
        assertThat(schedules.get(0).get("state").textValue()).isEqualTo("as configured");
        assertThat(desk.run("list").out()).contains("2030-01-01T01:30:00Z");
        JsonNode listed = json(desk.run("list", "-o", "json")).get("runbooks").get(0);
        assertThat(listed.get("nextRun").textValue()).isEqualTo("2030-01-01T01:30:00Z");
        assertThat(listed.at("/schedules/0/id").textValue()).isEqualTo("base-backup/main");
        configure("");
        assertThat(desk.run("schedule", "list").out()).contains("not configured");
        assertThat(desk.run("list").out()).doesNotContain("2030-01-01");
    }

    private void configure(String schedules) throws IOException {
        Files.writeString(folder.resolve("lifeboat.yaml"), Desk.CONFIG + schedules);
    }

    private String state(String id) {
        var state = temporal.held(id).schedule().getState();
        return state.getPaused() + " " + state.getNotes();
    }

    private Payloads input(String id) {
        return temporal.held(id).schedule().getAction().getStartWorkflow().getInput();
    }

    private static Memo owner(String platform) {
        return Memo.newBuilder()
                .putAllFields(Map.of(
                        "lifeboat-platform",
                        PayloadMapper.dataConverter().toPayload(platform).orElseThrow()))
                .build();
    }

    private static JsonNode json(Desk.Said said) throws IOException {
        return PayloadMapper.json().readTree(said.out());
    }
}
