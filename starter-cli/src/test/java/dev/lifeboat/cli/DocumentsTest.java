package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigReader;
import dev.lifeboat.config.Runbook;
import dev.lifeboat.config.RunbookCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;

/** What documents and hints tell people to type is what the tool takes: nobody looks up an option at 3 a.m. */
class DocumentsTest {

    private static final Path ROOT = Path.of(System.getProperty("lifeboat.root", ".."));
    private static final Pattern YAML = Pattern.compile("(?m)^( *)```yaml\\n([\\s\\S]*?)^ *```");

    private static final String SCHEDULES =
            """
            schedules:
              - { runbook: base-backup, cluster: main, cron: "30 1 * * *" }
              - { runbook: daily-dump, cluster: main, cron: "0 2 * * *" }
            """;

    @TempDir
    Path folder = Path.of("");

    private Desk desk = Desk.NOBODY;

    /** Whatever is right goes on to ask Temporal. */
    @BeforeEach
    void sitDown() throws IOException {
        desk = new Desk(folder, address -> {
            throw new CliFailure(ExitCode.UNREACHABLE, "ASKED", "Temporal was asked", "that is what was wanted");
        });
        Files.writeString(folder.resolve("lifeboat.yaml"), Desk.CONFIG + SCHEDULES);
    }

    @Test
    void everyCommandInADocumentIsOneThatTheToolTakes() throws IOException {
        List<TypedCommands> found = new ArrayList<>();
        for (Path document : documents()) {
            found.addAll(TypedCommands.inDocument(name(document), Files.readString(document)));
        }

        assertThat(found).hasSizeGreaterThan(100);
        assertThat(found.stream().flatMap(command -> wrong(command).stream())).isEmpty();
        assertThat(found.stream().map(command -> command.words().get(0)))
                .contains("plan", "start", "approve", "retry", "abort", "expire", "pin", "keys", "schedule", "worker");
    }

    @Test
    void everyCommandThatAHintNamesIsOneThatTheToolTakes() throws IOException {
        List<TypedCommands> found = new ArrayList<>();
        for (Path source : sources()) {
            found.addAll(TypedCommands.inSource(name(source), Files.readString(source)));
        }

        assertThat(found).hasSizeGreaterThan(100);
        assertThat(found.stream().flatMap(command -> wrong(command).stream())).isEmpty();
    }

    @Test
    void everyConfigurationInADocumentIsOneThatIsRead() throws IOException {
        List<String> wrong = new ArrayList<>();
        int seen = 0;
        for (Path document : documents()) {
            for (MatchResult block :
                    YAML.matcher(Files.readString(document)).results().toList()) {
                String yaml = block.group(2).stripTrailing().stripIndent();
                if (yaml.matches("(?s)(platform|bucket|retention|schedules):.*")) {
                    seen++;
                    unreadable(yaml).ifPresent(why -> wrong.add(name(document) + ": " + why));
                }
            }
        }

        assertThat(seen).as("configurations").isGreaterThanOrEqualTo(4);
        assertThat(wrong).isEmpty();
    }

    private Optional<String> unreadable(String yaml) throws IOException {
        boolean whole = yaml.startsWith("platform:");
        boolean bucket = yaml.startsWith("bucket:");
        String rest = bucket ? Desk.CONFIG.replaceFirst("bucket:.*\n", "") : Desk.CONFIG;
        String given = bucket ? yaml.replaceFirst("bucket:\n", "bucket:\n  url: s3://backups/\n") : yaml;
        Path file = Files.writeString(folder.resolve("documented.yaml"), whole ? yaml : given + "\n" + rest);
        try {
            ConfigReader.read(file, () -> RunbookCatalog.of(ROOT));
            return Optional.empty();
        } catch (ConfigException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Why the tool would not take it. */
    private Optional<String> wrong(TypedCommands command) {
        if (!command.isOfTheTool()) {
            return command.isTakenBeside() ? Optional.empty() : Optional.of(command + ": takes no such option");
        }
        String[] words = command.words().toArray(String[]::new);
        try {
            desk.parse(words);
        } catch (MissingParameterException e) {
            // A sentence may name a command alone, as in "then 'lifeboat retry'".
            return command.whole() ? Optional.of(command + ": " + e.getMessage()) : Optional.empty();
        } catch (ParameterException e) {
            return Optional.of(command + ": " + e.getMessage());
        }
        if (words.length > 2 && List.of("approve", "reject").contains(words[0]) && !isGate(words[1], words[2])) {
            return Optional.of(command + ": nothing waits there");
        }
        // Keys would be written.
        if (!command.whole() || words[0].equals("keys")) {
            return Optional.empty();
        }
        Desk.Said said = desk.run(words);
        return said.exit() == ExitCode.USAGE.number() ? Optional.of(command + ": " + said.err()) : Optional.empty();
    }

    private static boolean isGate(String run, String step) {
        return run.equals("X")
                || RunbookCatalog.of(ROOT)
                        .find(run.substring(0, run.indexOf('/')))
                        .map(Runbook::steps)
                        .orElse(List.of())
                        .stream()
                        .anyMatch(each ->
                                each.id().equals(step) && !each.approval().isEmpty());
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
                Stream<Path> runbooks = Files.walk(ROOT.resolve("runbooks"))) {
            return Stream.concat(
                            Stream.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")),
                            Stream.concat(docs, runbooks))
                    .filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("TEMPLATE"))
                    .toList();
        }
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : List.of("workflows", "config", "activities", "worker-app", "starter-cli", "lab")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main"))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
        return sources;
    }

    private static String name(Path file) {
        return ROOT.relativize(file).toString();
    }
}
