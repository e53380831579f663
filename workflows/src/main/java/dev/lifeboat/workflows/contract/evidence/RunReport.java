package dev.lifeboat.workflows.contract.evidence;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run did and what it achieved: the one source of {@code report.json}, of the Markdown and of the terminal text.
 * Names are promises; times are UTC, durations ISO-8601.
 *
 * @param failure  the sentence of what ended the run before its goal; null when nothing did
 * @param evidence the address of the folder that this report and the logs of its steps lie in; null until it is written
 * @param previous the report before this one, of the runs with this name; null where the bucket had none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunReport(
        int format,
        String runbook,
        String run,
        String runId,
        RunMode mode,
        String requestedBy,
        String reason,
        List<String> workers,
        int resumes,
        Instant startedAt,
        Instant endedAt,
        Map<String, String> inputs,
        Verdicts verdicts,
        int exitCode,
        Objectives objectives,
        Achieved achieved,
        @Nullable RecoveryPoint recoveryPoint,
        @Nullable Source source,
        List<StepRecord> steps,
        List<Check> checks,
        List<Finding> findings,
        List<LeftBehind> leftBehind,
        List<Answer> answers,
        @Nullable Failure failure,
        @Nullable String evidence,
        @Nullable Previous previous) {

    public static final int FORMAT = 1;

    /** One that is not written yet. */
    public RunReport(
            int format,
            String runbook,
            String run,
            String runId,
            RunMode mode,
            String requestedBy,
            String reason,
            List<String> workers,
            int resumes,
            Instant startedAt,
            Instant endedAt,
            Map<String, String> inputs,
            Verdicts verdicts,
            int exitCode,
            Objectives objectives,
            Achieved achieved,
            @Nullable RecoveryPoint recoveryPoint,
            @Nullable Source source,
            List<StepRecord> steps,
            List<Check> checks,
            List<Finding> findings,
            List<LeftBehind> leftBehind,
            List<Answer> answers,
            @Nullable Failure failure,
            @Nullable String evidence) {
        this(
                format,
                runbook,
                run,
                runId,
                mode,
                requestedBy,
                reason,
                workers,
                resumes,
                startedAt,
                endedAt,
                inputs,
                verdicts,
                exitCode,
                objectives,
                achieved,
                recoveryPoint,
                source,
                steps,
                checks,
                findings,
                leftBehind,
                answers,
                failure,
                evidence,
                null);
    }

    /** With the place where it is kept, each step's logs there, and the report before it. */
    public RunReport keptAt(String address, Map<String, List<String>> logs, @Nullable Previous before) {
        List<StepRecord> linked = steps.stream()
                .map(step -> step.withLogs(logs.getOrDefault(step.id(), List.of())))
                .toList();
        return new RunReport(
                format,
                runbook,
                run,
                runId,
                mode,
                requestedBy,
                reason,
                workers,
                resumes,
                startedAt,
                endedAt,
                inputs,
                verdicts,
                exitCode,
                objectives,
                achieved,
                recoveryPoint,
                source,
                linked,
                checks,
                findings,
                leftBehind,
                answers,
                failure,
                address,
                before);
    }

    /**
     * Whether this run proves that its base backup can be restored: it was, on a copy or in earnest, the point it was
     * replayed to was proven, every check that was made is green, and no person waved a step through.
     */
    public boolean provesItsBackup() {
        return mode != RunMode.BACKUP
                && source != null
                && source.systemId() != null
                && recoveryPoint != null
                && verdicts.executed() == Verdict.PASS
                && verdicts.verified() == Verdict.PASS
                && steps.stream().noneMatch(step -> step.state() == StepState.SKIPPED && step.attempts() > 0);
    }

    /**
     * @param recoveryTime until the smoke tests were green, human waiting not counted; null when it never got there
     * @param humanWait    time spent waiting for people
     * @param dataLoss     how far the recovery point fell short of what was asked; null when not measured
     * @param givenUp      what was left behind on purpose, from the recovery point to the last commit in the archive
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Achieved(
            @Nullable Duration recoveryTime,
            Duration humanWait,
            @Nullable Duration dataLoss,
            @Nullable Duration givenUp) {}

    /**
     * What the data came from: a base backup and its WAL, or a dump.
     *
     * @param baseBackup its ID; null where it was a dump
     * @param systemId   of the cluster that the base backup was taken of; null in reports from before it was noted
     * @param dump       its ID, or the address of one that is in no catalogue; null where it was a base backup
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Source(
            @Nullable String baseBackup,
            @Nullable String systemId,
            @Nullable String walFrom,
            @Nullable String walTo,
            int segments,
            @Nullable String dump) {

        public Source(
                String baseBackup,
                @Nullable String systemId,
                @Nullable String walFrom,
                @Nullable String walTo,
                int segments) {
            this(baseBackup, systemId, walFrom, walTo, segments, null);
        }

        public static Source ofDump(String dump) {
            return new Source(null, null, null, null, 0, dump);
        }
    }

    /**
     * @param runId  of that run
     * @param sha256 of its {@code SHA256SUMS}, and so of everything in its folder
     */
    public record Previous(String runId, String sha256) {}

    /** What a person decided during the run: {@code approve}, {@code reject}, {@code retry}, {@code skip} or {@code abort}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Answer(
            String decision, String step, String who, String reason, Instant at, @Nullable String planDigest) {}

    /** A failure as a person reads it. */
    public record Failure(String code, String step, String message, String hint) {}
}
