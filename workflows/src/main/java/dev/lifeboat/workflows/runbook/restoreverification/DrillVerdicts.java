package dev.lifeboat.workflows.runbook.restoreverification;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What a drill of the point-in-time recovery came to, as checks of the verification that began it. */
final class DrillVerdicts {

    static final String DRILL = "recovery to some time";
    private static final String WANTED = "every verdict of a drill passes";

    /** They say nothing of base backup and WAL, which are what is on trial. */
    private static final Set<FailureCode> NOT_ITS_FAULT = Set.of(
            FailureCode.LEASE_HELD,
            FailureCode.TOO_LITTLE_SPACE,
            FailureCode.AMBIGUOUS_TIME,
            FailureCode.AMBIGUOUS_TIMELINE,
            FailureCode.MISSING_BINARY,
            FailureCode.NO_WORKER);

    private DrillVerdicts() {}

    static StepOutcome of(ReachableMoment moment, RunReport report) {
        Verdicts verdicts = report.verdicts();
        List<Check> checks = new ArrayList<>(List.of(
                verdict("executed", verdicts.executed()),
                verdict("verified", verdicts.verified()),
                verdict("recovery time", verdicts.rto()),
                verdict("data loss", verdicts.rpo()),
                verdict("clean", verdicts.clean())));
        Duration took = report.achieved().recoveryTime();
        checks.add(Check.of(
                DRILL + ": took time",
                "more than 0s",
                took == null ? "not measured" : ReportWords.duration(took),
                took != null && !took.isZero() && !took.isNegative()));
        report.checks()
                .forEach(check -> checks.add(
                        new Check(DRILL + ": " + check.name(), check.expected(), check.observed(), check.verdict())));
        Source source = report.source();
        return StepOutcome.of(
                        "to %s on timeline %d%s, exit code %d, %s@%s"
                                .formatted(
                                        moment.time(),
                                        moment.timeline(),
                                        source == null ? "" : " from base backup " + source.baseBackup(),
                                        report.exitCode(),
                                        report.run(),
                                        report.runId()),
                        "")
                .withChecks(checks)
                .withFindings(Stream.concat(
                                report.findings().stream()
                                        .map(finding -> new Finding(
                                                finding.severity(), DRILL + ": " + finding.what(), finding.hint())),
                                failure(report).stream())
                        .toList())
                .withLeftBehind(report.leftBehind());
    }

    private static List<Finding> failure(RunReport report) {
        return report.failure() == null
                ? List.of()
                : List.of(new Finding(
                        "high",
                        DRILL + ": " + report.failure().message(),
                        report.failure().hint()));
    }

    private static Check verdict(String name, Verdict verdict) {
        return new Check(DRILL + ": " + name, Verdict.PASS.toString(), verdict.toString(), verdict);
    }

    /** The drill was refused, or never began. */
    static StepOutcome refused(ReachableMoment moment, FailureTranslator.Read why) {
        boolean measured = !NOT_ITS_FAULT.contains(why.code());
        return StepOutcome.of("to %s on timeline %d: refused".formatted(moment.time(), moment.timeline()), "")
                .withChecks(List.of(
                        new Check(DRILL, WANTED, why.message(), measured ? Verdict.FAIL : Verdict.NOT_MEASURED)))
                .withFindings(List.of(new Finding(
                        "high",
                        "the point-in-time recovery to %s could not be rehearsed: %s"
                                .formatted(moment.time(), why.message()),
                        why.hint())));
    }

    static StepOutcome alreadyRunning(String run) {
        return notMeasured(
                "a drill runs already, begun by somebody else: " + run,
                "the second path was not taken, since %s runs already".formatted(run),
                "its own report tells what it came to: 'lifeboat watch %s'".formatted(run));
    }

    static StepOutcome nothingToRecoverFrom(String cluster) {
        return notMeasured(
                "there is no time to which it could be recovered",
                "%s cannot be recovered to any point in time: no base backup with a commit after it lies in the bucket"
                        .formatted(cluster),
                "take one with 'lifeboat start base-backup --cluster %s'; 'lifeboat window %s' shows what can be reached"
                        .formatted(cluster, cluster));
    }

    private static StepOutcome notMeasured(String observed, String what, String hint) {
        return StepOutcome.of("not measured: " + observed, "")
                .withChecks(List.of(new Check(DRILL, WANTED, observed, Verdict.NOT_MEASURED)))
                .withFindings(List.of(new Finding("high", what, hint)));
    }
}
