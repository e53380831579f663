package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Needs no configuration, no Temporal and no worker. */
@Command(name = "verify-evidence", description = "Checks the folder of a report offline: digests, completeness, chain.")
final class VerifyEvidenceCommand implements Callable<Integer> {

    private final Tool tool;

    @Parameters(paramLabel = "DIR", description = "As 'lifeboat report RUN --output-dir DIR' writes it.")
    private Path folder = Path.of("");

    VerifyEvidenceCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() throws IOException {
        Path absolute = tool.surroundings().workingFolder().resolve(folder).normalize();
        for (String name : List.of(EvidenceFolder.REPORT, EvidenceFolder.SUMS)) {
            if (!Files.isRegularFile(absolute.resolve(name))) {
                throw CliFailure.usage(
                        "%s is not the folder of a report: it has no %s".formatted(absolute, name),
                        "'lifeboat report RUN --output-dir DIR' writes one");
            }
        }
        EvidenceFolder.Seen seen = new EvidenceFolder(absolute).look();
        List<String> wrong = wrong(seen);
        tool.print(document(absolute, seen), lines(seen));
        if (wrong.isEmpty()) {
            return ExitCode.DONE.number();
        }
        tool.complainInWords(
                new CliFailure(
                        ExitCode.NOT_VERIFIED,
                        ExitCode.NOT_VERIFIED.name(),
                        "%s is not the evidence that was written: %s".formatted(absolute, wrong.get(0)),
                        "fetch it again with 'lifeboat report RUN --output-dir DIR', and ask who may write to this folder and to the bucket"));
        return ExitCode.NOT_VERIFIED.number();
    }

    /** The chain last: what is wrong here explains a chain that is broken. */
    private static List<String> wrong(EvidenceFolder.Seen seen) {
        List<String> wrong = new ArrayList<>(seen.digests());
        wrong.addAll(seen.completeness());
        if (seen.chain().verdict() == Verdict.FAIL) {
            wrong.add(seen.chain().words());
        }
        return wrong;
    }

    private static Map<String, Object> document(Path folder, EvidenceFolder.Seen seen) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("folder", folder.toString());
        document.put("run", seen.run());
        document.put("files", seen.files());
        document.put(
                "verdicts",
                Map.of(
                        "digests", verdict(seen.digests()),
                        "completeness", verdict(seen.completeness()),
                        "chain", seen.chain().verdict()));
        document.put("digests", seen.digests());
        document.put("completeness", seen.completeness());
        return document;
    }

    private static Verdict verdict(List<String> wrong) {
        return wrong.isEmpty() ? Verdict.PASS : Verdict.FAIL;
    }

    private static List<String> lines(EvidenceFolder.Seen seen) {
        Table table = new Table();
        table.row("run", seen.run());
        table.row("digests", words(seen.digests(), Words.plural(seen.files(), "file") + " as they were summed up"));
        table.row("completeness", words(seen.completeness(), "every file that report and sums name, and no other"));
        table.row("chain", seen.chain().words());
        return table.lines();
    }

    private static String words(List<String> wrong, String right) {
        return wrong.isEmpty() ? "pass: " + right : "FAIL: " + String.join("; ", wrong);
    }
}
