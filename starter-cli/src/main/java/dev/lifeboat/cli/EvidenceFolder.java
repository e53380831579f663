package dev.lifeboat.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder of a report, as {@code lifeboat report --output-dir} writes it, looked at without bucket or Temporal. Whoever can
 * write to the folder can make it agree with itself again: this finds accidents, and changes by who forgot the sums.
 */
final class EvidenceFolder {

    static final String REPORT = "report.json";
    static final String SUMS = "SHA256SUMS";

    private static final Set<String> ALWAYS = Set.of(REPORT, "report.md", "report.html");
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) [ *](.+)");

    private final Path folder;

    EvidenceFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * What is wrong with it.
     *
     * @param run          as the report names it; empty where that cannot be read
     * @param files        how many the sums name
     * @param chain        whether the report before it, which it names, lies beside this folder and is that one
     * @param digests      files whose bytes are not those that were summed up
     * @param completeness what is missing, and what nobody wrote down
     */
    record Seen(String run, int files, Chain chain, List<String> digests, List<String> completeness) {}

    /** @param words why */
    record Chain(Verdict verdict, String words) {}

    Seen look() throws IOException {
        List<String> completeness = new ArrayList<>();
        Map<String, String> sums = sums(completeness);
        List<String> digests = new ArrayList<>();
        for (Map.Entry<String, String> sum : sums.entrySet()) {
            Path file = folder.resolve(sum.getKey());
            if (!Files.isRegularFile(file)) {
                completeness.add(sum.getKey() + " is missing");
                continue;
            }
            String found = digest(file);
            if (!found.equals(sum.getValue())) {
                digests.add(
                        "%s has the digest %s, and %s says %s".formatted(sum.getKey(), found, SUMS, sum.getValue()));
            }
        }
        Stream.concat(ALWAYS.stream(), files().stream())
                .filter(name -> !sums.containsKey(name))
                .sorted()
                .distinct()
                .forEach(name -> completeness.add("%s does not name %s".formatted(SUMS, name)));
        JsonNode report = report(sums, completeness);
        String run = report.isMissingNode()
                ? ""
                : report.path("run").asText() + "@" + report.path("runId").asText();
        return new Seen(run, sums.size(), chain(report), digests, completeness);
    }

    private Chain chain(JsonNode report) throws IOException {
        JsonNode previous = report.path("previous");
        if (!previous.isObject()) {
            return new Chain(
                    Verdict.NOT_MEASURED,
                    "not measured: this report names none before it, as the first of its name and those of an older Lifeboat do");
        }
        String runId = previous.path("runId").asText();
        String named = "%s@%s".formatted(report.path("run").asText(), runId);
        Optional<Path> beside = beside(report.path("run").asText(), runId);
        if (beside.isEmpty()) {
            return new Chain(
                    Verdict.NOT_MEASURED,
                    "not measured: the report before it, %s, is in no folder beside this one; 'lifeboat report %s --output-dir %s' brings it"
                            .formatted(named, named, folder.resolveSibling(runId)));
        }
        String found = digest(beside.get().resolve(SUMS));
        String wanted = previous.path("sha256").asText();
        return found.equals(wanted)
                ? new Chain(
                        Verdict.PASS,
                        "pass: the sums of the report before it, %s, are those that it names; 'lifeboat verify-evidence %s' compares that one's files with them"
                                .formatted(named, beside.get()))
                : new Chain(
                        Verdict.FAIL,
                        "FAIL: of the report before it, %s, the %s in %s has the digest %s, and this report names %s"
                                .formatted(named, SUMS, beside.get(), found, wanted));
    }

    /** The folder of that run, which lies where this one does. */
    private Optional<Path> beside(String run, String runId) throws IOException {
        try (Stream<Path> siblings = Files.list(folder.resolveSibling("."))) {
            return siblings.map(Path::normalize)
                    .sorted()
                    .filter(sibling -> Files.isRegularFile(sibling.resolve(SUMS)) && isOf(sibling, run, runId))
                    .findFirst();
        }
    }

    /** What cannot be read is the report of nobody here; it can be verified by itself. */
    private static boolean isOf(Path sibling, String run, String runId) {
        try {
            JsonNode report =
                    PayloadMapper.json().readTree(sibling.resolve(REPORT).toFile());
            return report.path("run").asText().equals(run)
                    && report.path("runId").asText().equals(runId);
        } catch (IOException e) {
            return false;
        }
    }

    private Map<String, String> sums(List<String> wrong) throws IOException {
        Map<String, String> sums = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve(SUMS))) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches() && isWithin(matcher.group(2))) {
                sums.put(matcher.group(2), matcher.group(1));
            } else {
                wrong.add("%s has a line that is no digest and file of this folder: %s".formatted(SUMS, line));
            }
        }
        return sums;
    }

    private boolean isWithin(String name) {
        try {
            return folder.resolve(name).normalize().startsWith(folder);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(name -> !name.equals(SUMS))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** What it links must be there too, whatever the sums say. */
    private JsonNode report(Map<String, String> sums, List<String> wrong) {
        JsonNode report;
        try {
            report = PayloadMapper.json().readTree(folder.resolve(REPORT).toFile());
        } catch (IOException e) {
            wrong.add("%s cannot be read".formatted(REPORT));
            return MissingNode.getInstance();
        }
        for (JsonNode step : report.path("steps")) {
            step.path("logs").forEach(log -> {
                if (!sums.containsKey(log.asText())) {
                    wrong.add("the log %s of step %s is not there"
                            .formatted(log.asText(), step.path("id").asText()));
                }
            });
        }
        return report;
    }

    private static String digest(Path file) throws IOException {
        try (InputStream stream = new DigestInputStream(Files.newInputStream(file), sha256())) {
            stream.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of()
                    .formatHex(((DigestInputStream) stream).getMessageDigest().digest());
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
