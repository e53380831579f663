package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.runbook.RunStatus;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunViewTest {

    private static final Instant START = Instant.parse("2026-08-22T09:15:00Z");
    private static final Instant NOW = START.plusSeconds(90);

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @Test
    void aPipeGetsOneLineForEachChange() {
        RunView view = new PlainView(tool(80, 40));

        view.show(status(step("plan", StepState.RUNNING, "")), null);
        view.show(status(step("plan", StepState.RUNNING, "")), null);
        view.show(status(step("plan", StepState.DONE, "2.2 GiB"), step("restore", StepState.RUNNING, "")), null);
        view.show(
                status(step("plan", StepState.DONE, "2.2 GiB"), step("restore", StepState.RUNNING, "")),
                new RunHead.ActivityHead("Restore", 2, true, null, "the bucket is away"));

        assertThat(text().lines())
                .containsExactly(
                        "09:16:30Z  plan ...",
                        "09:16:30Z  plan done in 12.9s: 2.2 GiB",
                        "09:16:30Z  restore ...",
                        "09:16:30Z    attempt 2, because the one before failed: the bucket is away");
    }

    @Test
    void aTerminalSeesStepsTickAndTheRtoBurnDown() {
        RunView view = new LiveView(tool(100, 40));

        view.show(
                status(step("plan", StepState.DONE, "base 1"), step("restore", StepState.RUNNING, "")),
                new RunHead.ActivityHead("Restore", 1, true, new Progress("chunk 2 of 9", 2, 9, "chunks"), null));

        assertThat(text())
                .contains("pitr-recovery/main  recovery  1m30s  RTO 1h, 59m left [................]")
                .contains("✓ plan                     12.9s  base 1")
                .contains("▸ restore                  1m30s  chunk 2 of 9, 2 chunks of 9 chunks");
    }

    @Test
    void aMissedRtoIsSaidSo() {
        new LiveView(tool(100, 40)).show(status(Duration.ofMinutes(61), List.of()), null);

        assertThat(text()).contains("RTO 1h missed by 1m");
    }

    @Test
    void aNewPictureTakesThePlaceOfTheOldOneButNotOfANote() {
        RunView view = new LiveView(tool(100, 40));

        view.show(status(step("plan", StepState.RUNNING, "")), null);
        view.show(status(step("plan", StepState.RUNNING, "")), null);
        view.note("Temporal is back");
        view.show(status(step("plan", StepState.RUNNING, "")), null);

        assertThat(text().split("\u001b\\[2A", -1)).hasSize(2);
    }

    @Test
    void aSmallTerminalSeesTheCurrentStepAndNoLineIsWiderThanIt() {
        List<StepRecord> steps = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            steps.add(step("step-" + i, i < 25 ? StepState.DONE : StepState.PENDING, "x".repeat(200)));
        }
        steps.set(25, step("step-now", StepState.RUNNING, ""));

        new LiveView(tool(60, 12)).show(status(Duration.ZERO, steps), null);

        assertThat(text()).contains("step-now").doesNotContain("step-1 ");
        assertThat(text().replace("\r\u001b[J", "").lines())
                .hasSizeLessThan(12)
                .allSatisfy(line -> assertThat(line.length()).isLessThan(60));
    }

    /** Whoever looks in the middle of the night has not seen what the terminal of the starter said. */
    @Test
    void aStatusThatWaitsForAPersonSaysTheHintToo() {
        RunStatus running = status(step("reopen", StepState.FAILED, "it cannot read its configuration"));
        RunStatus waiting = new RunStatus(
                running.runbook(),
                running.run(),
                running.runId(),
                running.mode(),
                running.startedAt(),
                running.objectives(),
                running.machineTime(),
                running.humanWait(),
                running.steps(),
                new RunStatus.WaitingFor(
                        "decision", "reopen", "step reopen failed", "repair it", List.of("retry"), START, null));

        assertThat(StatusText.lines(waiting, null, NOW)).contains("  step reopen failed", "  hint: repair it");
    }

    private Tool tool(int columns, int rows) {
        Terminal terminal = new Terminal(
                System.out,
                new PrintStream(said, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(new byte[0]),
                false,
                true,
                false,
                true,
                columns,
                rows);
        return new Tool(
                new Surroundings(
                        Map.of(),
                        Path.of(""),
                        Path.of(""),
                        terminal,
                        Clock.fixed(NOW, ZoneOffset.UTC),
                        ZoneOffset.UTC,
                        Duration.ofSeconds(1),
                        address -> {
                            throw new AssertionError("Temporal was asked");
                        }),
                new GlobalOptions());
    }

    private String text() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private static RunStatus status(StepRecord... steps) {
        return status(Duration.ofSeconds(60), List.of(steps));
    }

    private static RunStatus status(Duration machineTime, List<StepRecord> steps) {
        return new RunStatus(
                "pitr-recovery",
                "pitr-recovery/main",
                "0192",
                RunMode.RECOVERY,
                START,
                new Objectives(Duration.ofHours(1), Duration.ofHours(1)),
                machineTime,
                Duration.ZERO,
                steps,
                null);
    }

    private static StepRecord step(String id, StepState state, String detail) {
        Duration took = state == StepState.DONE ? Duration.ofMillis(12_900) : null;
        return new StepRecord(id, state, 1, START, null, took, detail);
    }
}
