package dev.lifeboat.config;

import dev.lifeboat.workflows.domain.Objectives;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The runbooks of this checkout: every folder of {@code runbooks/} with a {@code runbook.yaml}, by id. */
public final class RunbookCatalog {

    private static final Duration HOUR = Duration.ofHours(1);

    private final List<Runbook> runbooks;

    private RunbookCatalog(List<Runbook> runbooks) {
        this.runbooks = runbooks;
    }

    /**
     * @param root of the checkout
     * @throws ConfigException when there is no catalogue, or an entry that cannot be read
     */
    public static RunbookCatalog of(Path root) {
        Path folder = root.resolve("runbooks");
        if (!Files.isDirectory(folder)) {
            throw new ConfigException(
                    "there is no folder " + folder + " with runbooks", "run lifeboat from a complete checkout");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return new RunbookCatalog(entries.filter(RunbookCatalog::isEntry)
                    .sorted()
                    .map(RunbookCatalog::read)
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In alphabetical order. */
    public List<Runbook> all() {
        return runbooks;
    }

    public Optional<Runbook> find(String id) {
        return runbooks.stream().filter(runbook -> runbook.id().equals(id)).findFirst();
    }

    private static boolean isEntry(Path folder) {
        return Files.isRegularFile(folder.resolve("runbook.yaml")) && !folder.endsWith("TEMPLATE");
    }

    private static Runbook read(Path folder) {
        Path file = folder.resolve("runbook.yaml");
        Problems problems = new Problems(file.toString());
        Section root = new Section("", YamlFile.read(file), folder, problems);
        Runbook runbook = new Runbook(
                root.required("id"),
                root.required("title"),
                root.required("workflow"),
                objectives(root),
                inputs(root),
                root.sections("steps").stream().map(RunbookCatalog::step).toList(),
                folder.resolve("README.md"));
        problems.throwIfAny();
        return runbook;
    }

    private static Objectives objectives(Section root) {
        return root.section("objectives")
                .map(section -> new Objectives(section.duration("rto", HOUR), section.duration("rpo", HOUR)))
                .orElse(new Objectives(HOUR, HOUR));
    }

    private static Map<String, String> inputs(Section root) {
        Map<String, String> inputs = new LinkedHashMap<>();
        root.section("inputs").ifPresent(section -> section.members()
                .forEach((name, input) -> inputs.put(name, input.text("type", "text"))));
        return Collections.unmodifiableMap(inputs);
    }

    private static Runbook.Step step(Section step) {
        return new Runbook.Step(
                step.required("id"),
                step.text("touches", ""),
                step.text("changes", ""),
                step.text("undo", ""),
                step.text("check", ""),
                step.text("approval", ""),
                step.textOrTexts("skippedIn"));
    }
}
