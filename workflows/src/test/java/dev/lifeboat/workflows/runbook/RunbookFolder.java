package dev.lifeboat.workflows.runbook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.lifeboat.workflows.contract.postgres.Placement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A folder of {@code runbooks/}: the entry, the document, and the table that the one gives to the other. */
record RunbookFolder(Path path) {

    private static final Path RUNBOOKS =
            Path.of(System.getProperty("lifeboat.root", "..")).resolve("runbooks");
    private static final String START =
            "<!-- steps:start (generated from runbook.yaml; see workflows/src/test/resources/README.md) -->";
    private static final String END = "<!-- steps:end -->";

    record Step(
            String id,
            String touches,
            String changes,
            String check,
            String undo,
            String approval,
            List<String> skippedIn,
            boolean skip) {

        Map<Placement, Boolean> placements() {
            Map<Placement, Boolean> parts = new LinkedHashMap<>();
            for (Placement placement : Placement.values()) {
                parts.put(placement, !skippedIn.contains(placement.toString()));
            }
            return parts;
        }

        String row() {
            String where = skippedIn.isEmpty() ? "" : "not in: " + String.join(", ", skippedIn);
            String gate = approval.isEmpty() ? "" : "asks first: " + approval;
            String notes = Stream.of(gate, where, skip ? "may be skipped" : "")
                    .filter(note -> !note.isEmpty())
                    .collect(Collectors.joining("; "));
            return "| `%s` | %s | %s | %s | %s |"
                    .formatted(id, changes, check, undo, notes)
                    .replace("<", "&lt;");
        }
    }

    static List<RunbookFolder> all() {
        try (Stream<Path> entries = Files.list(RUNBOOKS)) {
            return entries.filter(Files::isDirectory)
                    .filter(path -> !List.of("TEMPLATE", "schema").contains(String.valueOf(path.getFileName())))
                    .sorted()
                    .map(RunbookFolder::new)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode schema() {
        try {
            return new ObjectMapper().readTree(read(RUNBOOKS.resolve("schema/runbook.schema.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return String.valueOf(path.getFileName());
    }

    String yamlText() {
        return read(path.resolve("runbook.yaml"));
    }

    String document() {
        return read(path.resolve("README.md"));
    }

    JsonNode yaml() {
        try {
            return new ObjectMapper(new YAMLFactory()).readTree(yamlText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Step> steps() {
        return yaml().path("steps")
                .valueStream()
                .map(node -> new Step(
                        node.path("id").asText(),
                        node.path("touches").asText(),
                        node.path("changes").asText(),
                        node.path("check").asText(),
                        node.path("undo").asText(),
                        node.path("approval").asText(),
                        node.path("skippedIn")
                                .valueStream()
                                .map(JsonNode::asText)
                                .toList(),
                        node.path("skip").asBoolean()))
                .toList();
    }

    String stepTable() {
        return "| Step | Changes | Known to have worked by | Undone by | Notes |\n|---|---|---|---|---|\n"
                + steps().stream().map(Step::row).collect(Collectors.joining("\n"));
    }

    String documentedStepTable() {
        String text = document();
        int from = text.indexOf(START);
        int to = text.indexOf(END);
        return from < 0 || to < from
                ? "no markers in " + path
                : text.substring(from + START.length(), to).strip();
    }

    void writeStepTable() throws IOException {
        String text = document();
        int from = text.indexOf(START) + START.length();
        Files.writeString(
                path.resolve("README.md"),
                text.substring(0, from) + "\n" + stepTable() + "\n" + text.substring(text.indexOf(END)));
    }

    @Override
    public String toString() {
        return name();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
