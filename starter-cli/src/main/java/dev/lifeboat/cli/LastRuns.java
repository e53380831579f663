package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.NewestReports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The last run of every name that follows from the configuration: from Temporal while it has it, else from the evidence in
 * the bucket. That needs a worker, so it is not waited for longer than a person would.
 */
final class LastRuns {

    private static final Duration EVIDENCE = Duration.ofMillis(1500);

    private final Tool tool;

    LastRuns(Tool tool) {
        this.tool = tool;
    }

    Map<String, List<LastRun>> byRunbook() {
        Runs runs = new Runs(tool);
        ExecutorService threads = Executors.newFixedThreadPool(5, LastRuns::daemon);
        try {
            List<String> names = tool.catalog().all().stream()
                    .flatMap(runbook -> runs.names(runbook).stream())
                    .toList();
            // Beside the look-ups and not after them: whoever types 'list' waits for the slower of the two only.
            Future<List<RunReport>> evidence = threads.submit(() -> inEvidence(names));
            Map<String, Future<Optional<LastRun>>> asked = new LinkedHashMap<>();
            names.forEach(name -> asked.put(name, threads.submit(() -> inTemporal(name))));
            Map<String, LastRun> found = new LinkedHashMap<>();
            List<String> missing = new ArrayList<>();
            asked.forEach((name, answer) ->
                    get(answer).ifPresentOrElse(run -> found.put(name, run), () -> missing.add(name)));
            // Where nothing ever ran there is nothing to look for in the bucket, unless Temporal lost its memory.
            if (!missing.isEmpty()) {
                orSayWhyNot(evidence).stream()
                        .filter(report -> missing.contains(report.run()))
                        .forEach(report -> found.put(report.run(), LastRun.of(report)));
            }
            Map<String, List<LastRun>> byRunbook = new LinkedHashMap<>();
            found.values().stream()
                    .sorted(Comparator.comparing(LastRun::startedAt).reversed())
                    .forEach(run -> byRunbook
                            .computeIfAbsent(run.run().substring(0, run.run().indexOf('/')), id -> new ArrayList<>())
                            .add(run));
            return byRunbook;
        } finally {
            threads.shutdownNow();
        }
    }

    private Optional<LastRun> inTemporal(String name) {
        Optional<RunHead> head = tool.gateway().head(new RunRef(name, null));
        if (head.filter(RunHead::hasResult).isPresent()) {
            return head.map(run -> LastRun.of(tool.gateway().report(run)));
        }
        return head.map(LastRun::of);
    }

    private List<RunReport> inEvidence(List<String> names) {
        return tool.inquiries()
                .askQuickly(new NewestReports(names), EVIDENCE)
                .map(answer -> answer.reports() == null ? List.<RunReport>of() : answer.reports())
                .orElseThrow(Inquiries::noWorker);
    }

    private List<RunReport> orSayWhyNot(Future<List<RunReport>> evidence) {
        try {
            return get(evidence);
        } catch (CliFailure e) {
            tool.say("lifeboat: runs that Temporal no longer remembers are not shown: " + e.getMessage());
            return List.of();
        }
    }

    static <T> T get(Future<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the last runs were looked for", e);
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "last-runs");
        thread.setDaemon(true);
        return thread;
    }
}
