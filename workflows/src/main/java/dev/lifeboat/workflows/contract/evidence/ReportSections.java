package dev.lifeboat.workflows.contract.evidence;

import static dev.lifeboat.workflows.contract.evidence.ReportWords.clock;
import static dev.lifeboat.workflows.contract.evidence.ReportWords.count;
import static dev.lifeboat.workflows.contract.evidence.ReportWords.duration;
import static dev.lifeboat.workflows.contract.evidence.ReportWords.exactTime;
import static dev.lifeboat.workflows.contract.evidence.ReportWords.time;

import dev.lifeboat.workflows.contract.evidence.ReportPage.Column;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Kind;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Row;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Section;
import dev.lifeboat.workflows.contract.evidence.ReportPage.Tone;
import dev.lifeboat.workflows.contract.evidence.RunReport.Achieved;
import dev.lifeboat.workflows.contract.evidence.RunReport.Answer;
import dev.lifeboat.workflows.contract.evidence.RunReport.Failure;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.domain.postgres.RecoveryPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lays a report out: verdicts, what went wrong, times, where recovery stopped, what is left to do, then the details. */
final class ReportSections {

    private final RunReport report;

    private ReportSections(RunReport report) {
        this.report = report;
    }

    static ReportPage of(RunReport report) {
        return new ReportPage(
                report.run() + " (" + report.mode() + ")",
                ReportHeadline.of(report),
                ReportHeadline.toneOf(report),
                new ReportSections(report).all());
    }

    private List<Section> all() {
        return Stream.of(
                        new Section("Verdicts", List.of(), new ReportVerdictRows(report).rows()),
                        failure(),
                        times(),
                        recoveryPoint(),
                        findings(),
                        leftBehind(),
                        steps(),
                        checks(),
                        answers(),
                        run())
                .filter(section -> !section.rows().isEmpty())
                .toList();
    }

    private Section failure() {
        Failure failure = report.failure();
        if (failure == null) {
            return list("What went wrong", List.of());
        }
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(Tone.BAD, List.of("what", failure.message())));
        if (!failure.step().isEmpty()) {
            rows.add(value("at step", failure.step()));
        }
        rows.add(value("code", failure.code()));
        if (!failure.hint().isEmpty()) {
            rows.add(value("next", failure.hint()));
        }
        return list("What went wrong", rows);
    }

    private Section times() {
        Achieved achieved = report.achieved();
        List<Row> rows = new ArrayList<>();
        if (report.mode() != RunMode.BACKUP || achieved.recoveryTime() != null) {
            rows.add(promise(
                    "recovery time",
                    achieved.recoveryTime(),
                    "promised at most " + duration(report.objectives().rto()) + " (RTO)",
                    report.verdicts().rto()));
            rows.add(promise(
                    "data loss",
                    achieved.dataLoss(),
                    "promised at most " + duration(report.objectives().rpo()) + " (RPO)",
                    report.verdicts().rpo()));
        }
        if (achieved.givenUp() != null) {
            rows.add(plain(
                    "given up",
                    duration(achieved.givenUp()),
                    "committed after the recovery point, left behind as asked"));
        }
        if (!achieved.humanWait().isZero()) {
            rows.add(plain("waiting for people", duration(achieved.humanWait()), "not counted in the recovery time"));
        }
        rows.add(plain(
                "whole run",
                duration(Duration.between(report.startedAt(), report.endedAt())),
                time(report.startedAt()) + " to " + time(report.endedAt())));
        return list("Times", rows);
    }

    private static Row promise(String name, @Nullable Duration measured, String promise, Verdict verdict) {
        return new Row(
                ReportVerdictRows.tone(verdict),
                List.of(name, measured == null ? "not known" : duration(measured), promise));
    }

    private Section recoveryPoint() {
        RecoveryPoint point = report.recoveryPoint();
        Source source = report.source();
        List<Row> rows = new ArrayList<>();
        if (point != null) {
            rows.add(value("recovered to", "LSN %s, now timeline %d".formatted(point.lsn(), point.timeline())));
            if (point.lastCommitAt() != null) {
                rows.add(value("last commit in", exactTime(point.lastCommitAt())));
            }
            if (point.nextCommitAt() != null) {
                rows.add(value("first commit out", exactTime(point.nextCommitAt())));
            }
        }
        if (source != null) {
            String range = source.walFrom() == null || source.walTo() == null
                    ? ""
                    : ", %s to %s".formatted(source.walFrom(), source.walTo());
            if (source.baseBackup() != null) {
                rows.add(value("base backup", source.baseBackup()));
            }
            if (source.dump() != null) {
                rows.add(value("dump", source.dump()));
            }
            if (source.segments() > 0) {
                rows.add(value("WAL", count(source.segments(), "segment", "segments") + range));
            }
        }
        return list(point == null ? "Source" : "Recovery point", rows);
    }

    private Section findings() {
        return table(
                "Findings",
                columns("severity", "what", "next"),
                report.findings().stream()
                        .map(finding -> new Row(
                                severity(finding.severity()),
                                List.of(finding.severity(), finding.what(), finding.hint())))
                        .toList());
    }

    private Section leftBehind() {
        return table(
                "Left behind",
                columns("what", "where", "until"),
                report.leftBehind().stream()
                        .map(left -> new Row(
                                left.keptUntil() == null ? Tone.BAD : Tone.PLAIN,
                                List.of(
                                        left.what(),
                                        left.where(),
                                        left.keptUntil() == null
                                                ? "not meant to stay, remove it by hand"
                                                : time(left.keptUntil()) + ", then 'lifeboat cleanup'")))
                        .toList());
    }

    private Section steps() {
        List<Column> columns = List.of(
                new Column("state", Kind.TEXT),
                new Column("step", Kind.TEXT),
                new Column("began", Kind.TEXT),
                new Column("took", Kind.NUMBER),
                new Column("what was done", Kind.TEXT),
                new Column("logs", Kind.FILES));
        Section all = table(
                "Steps",
                columns,
                report.steps().stream().map(ReportSections::step).toList());
        boolean anyLog = report.steps().stream().anyMatch(step -> !step.logs().isEmpty());
        return anyLog ? all : all.withoutFiles();
    }

    private static Row step(StepRecord step) {
        String again = step.attempts() > 1 ? step.attempts() + " attempts" : "";
        String separator = again.isEmpty() || step.detail().isEmpty() ? "" : "; ";
        return new Row(
                switch (step.state()) {
                    case DONE -> Tone.GOOD;
                    case FAILED -> Tone.BAD;
                    case SKIPPED, UNDONE, WAITING -> Tone.WARN;
                    case PENDING, RUNNING, NOT_RUN -> Tone.PLAIN;
                },
                List.of(
                        step.state() == StepState.FAILED
                                ? "FAILED"
                                : step.state().toString(),
                        step.id(),
                        step.startedAt() == null ? "" : clock(step.startedAt()),
                        step.duration() == null ? "" : duration(step.duration()),
                        step.detail() + separator + again,
                        String.join("\n", step.logs())));
    }

    private Section checks() {
        boolean account = report.checks().stream().anyMatch(check -> check.seenToFail() != null);
        return table(
                "Checks",
                account
                        ? columns("verdict", "check", "wanted", "saw", "last failed on purpose")
                        : columns("verdict", "check", "wanted", "saw"),
                report.checks().stream().map(check -> check(check, account)).toList());
    }

    private static Row check(Check check, boolean account) {
        List<String> cells = new ArrayList<>(
                List.of(ReportVerdictRows.word(check.verdict()), check.name(), check.expected(), check.observed()));
        if (account) {
            cells.add(lastFailure(check.seenToFail()));
        }
        return new Row(ReportVerdictRows.tone(check.verdict()), List.copyOf(cells));
    }

    private static String lastFailure(@Nullable SeenToFail seen) {
        if (seen == null) {
            return "";
        }
        return seen.at() == null ? "never seen to fail" : time(seen.at()) + ", when " + seen.damage();
    }

    private Section answers() {
        return table(
                "What people decided",
                columns("at", "who", "decision", "step", "reason"),
                report.answers().stream().map(ReportSections::answer).toList());
    }

    private static Row answer(Answer answer) {
        return new Row(
                Tone.PLAIN,
                List.of(time(answer.at()), answer.who(), answer.decision(), answer.step(), answer.reason()));
    }

    private Section run() {
        List<Row> rows = new ArrayList<>();
        rows.add(value("run", report.run() + "@" + report.runId()));
        rows.add(value("asked for by", report.requestedBy()));
        if (!report.reason().isEmpty()) {
            rows.add(value("reason", report.reason()));
        }
        report.inputs().forEach((name, input) -> rows.add(value("--" + name, input)));
        if (report.resumes() > 0) {
            rows.add(value("resumed", count(report.resumes(), "time", "times") + " after a crash or an outage"));
        }
        if (!report.workers().isEmpty()) {
            rows.add(value("workers", String.join(", ", report.workers())));
        }
        if (report.evidence() != null) {
            long logs = report.steps().stream()
                    .mapToLong(step -> step.logs().size())
                    .sum();
            rows.add(value(
                    "evidence",
                    report.evidence() + (logs == 0 ? "" : "\nwith " + count(logs, "step log", "step logs"))));
        }
        rows.add(value("exit code", Integer.toString(report.exitCode())));
        return list("Run", rows);
    }

    private static Tone severity(String severity) {
        return switch (severity) {
            case "high" -> Tone.BAD;
            case "medium" -> Tone.WARN;
            default -> Tone.PLAIN;
        };
    }

    private static Section list(String title, List<Row> rows) {
        return new Section(title, List.of(), rows);
    }

    private static Section table(String title, List<Column> columns, List<Row> rows) {
        return new Section(title, columns, rows);
    }

    private static List<Column> columns(String... names) {
        return Stream.of(names).map(name -> new Column(name, Kind.TEXT)).toList();
    }

    private static Row value(String name, String value) {
        return new Row(Tone.PLAIN, List.of(name, value));
    }

    private static Row plain(String... cells) {
        return new Row(Tone.PLAIN, List.of(cells));
    }
}
