package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FilePiece;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FolderPart;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.Place;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.FolderOf;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.ReportOf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "report", description = "The report of a finished run, whatever its verdicts.")
final class ReportCommand implements Callable<Integer> {

    private final Tool tool;

    @Parameters(paramLabel = "RUN")
    private String run = "";

    @Option(names = "--output-dir", paramLabel = "D", description = "Writes the whole evidence folder there.")
    private @Nullable Path folder;

    ReportCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() throws IOException {
        RunRef ref = tool.run(run);
        Optional<RunHead> head = tool.gateway().head(ref);
        if (head.filter(RunHead::isOpen).isPresent()) {
            throw new CliFailure(
                    ExitCode.STILL_RUNNING,
                    "STILL_RUNNING",
                    "the run " + ref + " is still going on",
                    "follow it with 'lifeboat watch " + ref.name() + "'");
        }
        if (folder != null) {
            write(folder, ref);
            return ExitCode.DONE.number();
        }
        RunReport report = head.filter(RunHead::hasResult).isPresent()
                ? Reports.of(tool.gateway(), head.get())
                : inBucket(ref).orElseThrow(() -> head.isPresent() ? ended(head.get()) : Runs.unknown(ref));
        Reports.print(tool, report);
        return ExitCode.DONE.number();
    }

    private Optional<RunReport> inBucket(RunRef ref) {
        List<RunReport> reports =
                tool.inquiries().ask(new ReportOf(ref.name(), ref.runId())).reports();
        return reports == null ? Optional.empty() : reports.stream().findFirst();
    }

    private static CliFailure ended(RunHead head) {
        return new CliFailure(
                ExitCode.FAILED,
                "NO_REPORT",
                "the run " + head.name() + " was ended from outside (" + head.statusWord() + ") and left no report",
                "look at it in Temporal's own user interface");
    }

    private void write(Path target, RunRef ref) throws IOException {
        Path absolute = tool.surroundings().workingFolder().resolve(target).normalize();
        Set<String> written = new LinkedHashSet<>();
        String runId = ref.runId();
        Place from = null;
        do {
            FolderPart part =
                    tool.inquiries().ask(new FolderOf(ref.name(), runId, from)).folder();
            if (part == null) {
                throw Runs.unknown(ref);
            }
            for (FilePiece piece : part.pieces()) {
                written.add(write(absolute, piece).toString());
            }
            // A newer run may end meanwhile: all files are to be of one.
            runId = part.runId();
            from = part.next();
        } while (from != null);
        tool.print(Map.of("files", written), List.copyOf(written));
    }

    private static Path write(Path folder, FilePiece piece) throws IOException {
        Path path = folder.resolve(piece.name()).normalize();
        Path parent = path.getParent();
        if (!path.startsWith(folder) || parent == null) {
            throw new CliFailure(
                    ExitCode.FAILED,
                    "BAD_EVIDENCE",
                    "the evidence holds a file named '" + piece.name() + "', which leads out of its folder",
                    "somebody tampered with the bucket: compare it with SHA256SUMS by hand");
        }
        Files.createDirectories(parent);
        if (piece.offset() == 0) {
            Files.write(path, piece.content());
        } else {
            Files.write(path, piece.content(), StandardOpenOption.APPEND);
        }
        return path;
    }
}
