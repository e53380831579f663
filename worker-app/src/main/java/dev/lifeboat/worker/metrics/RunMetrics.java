package dev.lifeboat.worker.metrics;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The newest report of every kind of run, as of the last look. It comes from the evidence: what the process counted
 * itself would be forgotten at its next start, which may come before the next run.
 */
final class RunMetrics implements Runnable {

    private final Supplier<List<RunReport>> source;
    private final Rows verdicts;
    private final Map<Rows, ToDoubleFunction<RunReport>> numbers = new LinkedHashMap<>();

    RunMetrics(MeterRegistry registry, Supplier<List<RunReport>> source) {
        this.source = source;
        this.verdicts = new Rows(registry, "lifeboat.run.verdict", Tags.empty());
        number(registry, "exit.code", RunReport::exitCode);
        number(
                registry,
                "recovery.time.seconds",
                report -> Values.seconds(report.achieved().recoveryTime()));
        number(
                registry,
                "data.loss.seconds",
                report -> Values.seconds(report.achieved().dataLoss()));
        number(
                registry,
                "rto.seconds",
                report -> Values.seconds(report.objectives().rto()));
        number(
                registry,
                "rpo.seconds",
                report -> Values.seconds(report.objectives().rpo()));
        // The last: who sees that a run has ended finds everything else of it.
        number(registry, "ended.timestamp.seconds", report -> Values.seconds(report.endedAt()));
    }

    private void number(MeterRegistry registry, String name, ToDoubleFunction<RunReport> value) {
        numbers.put(new Rows(registry, "lifeboat.run." + name, Tags.empty()), value);
    }

    @Override
    public void run() {
        List<RunReport> reports = source.get();
        Map<Tags, DoubleSupplier> all = new HashMap<>();
        reports.forEach(report -> verdicts(report)
                .forEach((verdict, value) -> all.put(tags(report).and("verdict", verdict), () -> Values.of(value))));
        verdicts.tell(all);
        numbers.forEach((gauge, value) -> {
            Map<Tags, DoubleSupplier> rows = new HashMap<>();
            reports.forEach(report -> {
                double number = value.applyAsDouble(report);
                rows.put(tags(report), () -> number);
            });
            gauge.tell(rows);
        });
    }

    private static Map<String, Verdict> verdicts(RunReport report) {
        Verdicts all = report.verdicts();
        return Map.of(
                "executed",
                all.executed(),
                "verified",
                all.verified(),
                "rto",
                all.rto(),
                "rpo",
                all.rpo(),
                "clean",
                all.clean());
    }

    private static Tags tags(RunReport report) {
        return Tags.of("runbook", report.runbook(), "run", report.run());
    }
}
