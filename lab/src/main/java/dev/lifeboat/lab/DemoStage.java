package dev.lifeboat.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** What the demos have in common: commands that everyone sees, and reports that are kept. */
final class DemoStage {

    private static final int SIGNAL = 128;

    private final Narrator tell;

    DemoStage(Narrator tell) {
        this.tell = tell;
    }

    /** Shows a command and runs it; the demo ends where it does not exit with 0. */
    void run(Lab lab, String... words) {
        int exitCode = show(lab, words);
        if (exitCode != 0) {
            // Ctrl-C ends the tool as well, and then the worker's log explains nothing.
            if (exitCode < SIGNAL) {
                tell.line(workerTail(lab));
            }
            throw new IllegalStateException(
                    "'lifeboat " + String.join(" ", words) + "' exited with " + exitCode + " in the demo");
        }
    }

    /** @return its exit code */
    int show(Lab lab, String... words) {
        tell.command(words);
        return lab.cli().show(words);
    }

    /**
     * Puts report and evidence of each run into a new folder.
     *
     * @param failures is given each verdict that is not {@code pass}; a backup has nothing to hold against RTO and RPO
     */
    Path keepReports(Lab lab, List<String> runs, List<String> failures) {
        Path kept = reportFolder();
        try {
            Files.createDirectories(kept);
            Files.copy(lab.worker().log(), kept.resolve("worker.log"));
        } catch (IOException e) {
            failures.add("the worker's log cannot be kept: " + e.getMessage());
        }
        for (String run : runs) {
            keepReport(lab, run, runs.size() == 1 ? kept : kept.resolve(run.replace('/', '-')), failures);
        }
        return kept;
    }

    private void keepReport(Lab lab, String run, Path kept, List<String> failures) {
        Cli.Result json = lab.cli().run("report", run, "-o", "json");
        try {
            Files.createDirectories(kept);
            Files.writeString(kept.resolve("report.json"), json.output());
            JsonNode report = new ObjectMapper().readTree(json.output());
            JsonNode verdicts = report.path("verdicts");
            boolean isBackup = report.path("mode").asText().equals("backup");
            tell.line(run);
            for (String name : List.of("executed", "verified", "rto", "rpo", "clean")) {
                String verdict = verdicts.path(name).asText("missing");
                tell.line(String.format(Locale.ROOT, "%-9s %s", name, verdict));
                boolean isNothingToMeasure = isBackup && name.startsWith("r") && verdict.equals("not-measured");
                if (!verdict.equals("pass") && !isNothingToMeasure) {
                    failures.add(run + ": " + name + ": " + verdict);
                }
            }
        } catch (IOException e) {
            failures.add("the report of " + run + " cannot be read: " + e.getMessage());
        }
        lab.cli().run("report", run, "--output-dir", kept.resolve("evidence").toString());
    }

    private static Path reportFolder() {
        String name = "demo-"
                + DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'")
                        .withZone(ZoneOffset.UTC)
                        .format(Instant.now());
        Path target = Checkout.find().root().resolve("target");
        Path parent = Files.isWritable(Checkout.find().root()) ? target : Path.of(System.getProperty("java.io.tmpdir"));
        return parent.resolve(name);
    }

    private static String workerTail(Lab lab) {
        try {
            List<String> lines = Files.readAllLines(lab.worker().log());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
