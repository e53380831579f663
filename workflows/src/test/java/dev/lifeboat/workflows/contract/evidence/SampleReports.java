package dev.lifeboat.workflows.contract.evidence;

import static dev.lifeboat.workflows.contract.evidence.Verdict.FAIL;
import static dev.lifeboat.workflows.contract.evidence.Verdict.NOT_MEASURED;
import static dev.lifeboat.workflows.contract.evidence.Verdict.PASS;

import dev.lifeboat.workflows.contract.evidence.RunReport.Achieved;
import dev.lifeboat.workflows.contract.evidence.RunReport.Answer;
import dev.lifeboat.workflows.contract.evidence.RunReport.Failure;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reports as runs write them: one that went well, one that failed, a backup. */
public final class SampleReports {

    private static final Objectives HOUR = new Objectives(Duration.ofHours(1), Duration.ofHours(1));

    private SampleReports() {}

    static RunReport recovered() {
        return new RunReport(
                RunReport.FORMAT,
                "pitr-recovery",
                "pitr-recovery/main",
                "0192ab34-55aa-7000-8000-5e1f00d1e2f3",
                RunMode.RECOVERY,
                "ana@ops-1",
                "bad deploy 4711",
                List.of("4711@db-1", "4802@db-1"),
                1,
                at("09:31:07.120"),
                at("09:32:02.004"),
                new TreeMap<>(Map.of("cluster", "main", "target", "2026-08-22T09:15:00Z")),
                new Verdicts(PASS, PASS, PASS, PASS, PASS),
                0,
                HOUR,
                new Achieved(
                        Duration.ofMillis(41_234), Duration.ofMillis(13_700), Duration.ZERO, Duration.ofSeconds(967)),
                new RecoveryPoint(Lsn.parse("0/5A0148"), 2, at("09:14:59.871"), at("09:15:00.310")),
                new Source(
                        "20260822T013000Z",
                        "7301122334455667788",
                        "00000001000000000000000A",
                        "0000000100000000000000DD",
                        212),
                List.of(
                        step("plan-recovery", StepState.DONE, 1, "09:31:07.400", 820, "base backup 20260822T013000Z"),
                        step("take-lease", StepState.DONE, 1, "09:31:08.220", 13_750, "lease 42"),
                        step("restore-base-backup", StepState.DONE, 2, "09:31:24.000", 12_900, "2.2 GiB, 171 MiB/s"),
                        step(
                                "replay-wal",
                                StepState.DONE,
                                1,
                                "09:31:36.900",
                                8_040,
                                "212 segments, 26 per second; recovery stopping before commit of transaction 91827, time"
                                        + " 2026-08-22 09:15:00.310 UTC"),
                        step("check-indexes", StepState.SKIPPED, 0, null, 0, "not asked for")),
                List.of(
                        new Check("newest order is recent", "at least 1", "1234", PASS),
                        new Check("schema revision", "7f3a", "7f3a", PASS)),
                List.of(new Finding(
                        "medium",
                        "WAL segment 0000000100000000000000DE was only on the old server's disk",
                        "lifeboat window main")),
                List.of(new LeftBehind(
                        "old data directory",
                        "/var/lib/postgresql/15/main.before-20260822T093107Z",
                        Instant.parse("2026-09-05T09:31:07Z"))),
                List.of(new Answer("approve", "take-lease", "ben@ops-2", "go", at("09:31:21.900"), "sha256:1f0e9c")),
                null,
                "s3://backups/evidence/pitr-recovery/main/20260822T093107Z_0192ab34-55aa-7000-8000-5e1f00d1e2f3/");
    }

    public static RunReport failed() {
        return new RunReport(
                RunReport.FORMAT,
                "pitr-recovery",
                "pitr-recovery/main/drill",
                "0192ab34-77cc-7000-8000-5e1f00d1e2f3",
                RunMode.DRILL,
                "schedule",
                "",
                List.of("4711@db-1"),
                0,
                at("09:31:07.120"),
                at("13:02:02.004"),
                new TreeMap<>(Map.of("cluster", "main", "target", "latest")),
                new Verdicts(FAIL, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, FAIL),
                1,
                HOUR,
                new Achieved(null, Duration.ZERO, null, null),
                null,
                new Source("20260822T013000Z", "7301122334455667788", null, null, 0),
                List.of(
                        step("plan-recovery", StepState.DONE, 1, "09:31:07.400", 820, ""),
                        step("restore-base-backup", StepState.FAILED, 30, "09:31:24.000", 12_629_000, "chunk 12 of 18"),
                        step("replay-wal", StepState.NOT_RUN, 0, null, 0, "")),
                List.of(),
                List.of(new Finding("high", "the backup 20260822T013000Z cannot be restored", "")),
                List.of(new LeftBehind("half restored copy", "/var/lib/postgresql/15/lifeboat-main/drill", null)),
                List.of(),
                new Failure(
                        "BACKUP_DAMAGED",
                        "restore-base-backup",
                        "cannot restore chunk 12 of base backup 20260822T013000Z: its SHA-256 is 9f86d081 in the bucket"
                                + " and 2c26b46b in the manifest",
                        "choose an older one with --backup; 'lifeboat backups main' lists them"),
                null);
    }

    static RunReport backup() {
        return new RunReport(
                RunReport.FORMAT,
                "base-backup",
                "base-backup/main",
                "0192ab34-99ee-7000-8000-5e1f00d1e2f3",
                RunMode.BACKUP,
                "schedule",
                "",
                List.of("4711@db-1"),
                0,
                at("01:30:00.000"),
                at("01:30:09.500"),
                Map.of("cluster", "main"),
                new Verdicts(PASS, PASS, NOT_MEASURED, NOT_MEASURED, PASS),
                0,
                HOUR,
                new Achieved(null, Duration.ZERO, null, null),
                null,
                new Source("20260822T013000Z", "7301122334455667788", null, null, 0),
                List.of(step("take-base-backup", StepState.DONE, 1, "01:30:01.000", 6_000, "2.2 GiB in 18 chunks")),
                List.of(new Check("chunks read back", "18 with their SHA-256", "18", PASS)),
                List.of(),
                List.of(),
                List.of(),
                null,
                null);
    }

    /** As {@link #backup}, of another source. */
    static RunReport from(Source source) {
        return ending(backup(), 0, backup().verdicts(), null, source);
    }

    /** As {@link #recovered}, with another end. */
    static RunReport ending(int exitCode, Verdicts verdicts, @Nullable Failure failure) {
        return ending(recovered(), exitCode, verdicts, failure, recovered().source());
    }

    private static RunReport ending(
            RunReport good, int exitCode, Verdicts verdicts, @Nullable Failure failure, @Nullable Source source) {
        return new RunReport(
                good.format(),
                good.runbook(),
                good.run(),
                good.runId(),
                good.mode(),
                good.requestedBy(),
                good.reason(),
                good.workers(),
                good.resumes(),
                good.startedAt(),
                good.endedAt(),
                good.inputs(),
                verdicts,
                exitCode,
                good.objectives(),
                good.achieved(),
                good.recoveryPoint(),
                source,
                good.steps(),
                good.checks(),
                good.findings(),
                good.leftBehind(),
                good.answers(),
                failure,
                good.evidence());
    }

    private static StepRecord step(
            String id, StepState state, int attempts, @Nullable String began, long millis, String detail) {
        return began == null
                ? new StepRecord(id, state, attempts, null, null, null, detail)
                : new StepRecord(
                        id,
                        state,
                        attempts,
                        at(began),
                        at(began).plusMillis(millis),
                        Duration.ofMillis(millis),
                        detail);
    }

    private static Instant at(String clock) {
        return Instant.parse("2026-08-22T" + clock + "Z");
    }
}
