package dev.lifeboat.worker.metrics;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The newest report of every kind of run, as of the last look. It comes from the evidence: what the process counted
 * itself would be forgotten at its next start, which may come before the next run.
 */
final class RunMetrics implements Runnable {

    private final Supplier<List<RunReport>> source;
    private final MultiGauge verdicts;
    private final Map<MultiGauge, ToDoubleFunction<RunReport>> numbers = new LinkedHashMap<>();

    RunMetrics(MeterRegistry registry, Supplier<List<RunReport>> source) {
        this.source = source;
        this.verdicts = MultiGauge.builder("lifeboat.run.verdict").register(registry);
        number(registry, "exit.code", RunReport::exitCode);
        number(registry, "ended.timestamp.seconds", report -> Values.seconds(report.endedAt()));
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
    }

    private void number(MeterRegistry registry, String name, ToDoubleFunction<RunReport> value) {
        numbers.put(MultiGauge.builder("lifeboat.run." + name).register(registry), value);
    }

    @Override
    public void run() {
        List<RunReport> reports = source.get();
        List<Row<?>> rows = new ArrayList<>();
        reports.forEach(report -> rows.addAll(verdicts(report)));
        verdicts.register(rows, true);
        numbers.forEach((gauge, value) -> gauge.register(
                reports.stream()
                        .map(report -> Row.of(tags(report), value.applyAsDouble(report)))
                        .toList(),
                true));
    }

    private static List<Row<?>> verdicts(RunReport report) {
        Verdicts all = report.verdicts();
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("executed", Values.of(all.executed()));
        values.put("verified", Values.of(all.verified()));
        values.put("rto", Values.of(all.rto()));
        values.put("rpo", Values.of(all.rpo()));
        values.put("clean", Values.of(all.clean()));
        List<Row<?>> rows = new ArrayList<>();
        values.forEach((verdict, value) -> rows.add(Row.of(tags(report).and("verdict", verdict), value)));
        return rows;
    }

    private static Tags tags(RunReport report) {
        return Tags.of("runbook", report.runbook(), "run", report.run());
    }
}
