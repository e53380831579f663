package dev.lifeboat.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunbookCatalogTest {

    private static final String ENTRY =
            """
            id: pitr-recovery
            title: Restore a PostgreSQL cluster to a point in time
            workflow: PitrRecovery
            objectives: { rto: PT30M, rpo: PT5M }
            steps:
              - { id: plan-recovery, touches: postgres, changes: nothing }
              - { id: swap-in, touches: postgres, changes: the data, undo: swap it back, skippedIn: [drill, into] }
              - { id: remove-copy, touches: postgres, changes: the copy, skippedIn: into, approval: removal }
            """;

    @TempDir
    Path root = Path.of("");

    @Test
    void anEntryTellsPromiseAndStepsOfEachPlacement() throws IOException {
        entry("pitr-recovery", ENTRY);

        Runbook runbook = RunbookCatalog.of(root).find("pitr-recovery").orElseThrow();

        assertThat(runbook.objectives().rto()).isEqualTo(Duration.ofMinutes(30));
        assertThat(runbook.steps().stream()
                        .filter(step -> step.isPartOf("into"))
                        .map(Runbook.Step::id))
                .containsExactly("plan-recovery");
        assertThat(runbook.steps().get(2).approval()).isEqualTo("removal");
    }

    @Test
    void theTemplateIsNoRunbook() throws IOException {
        entry("TEMPLATE", ENTRY);
        Files.createDirectories(root.resolve("runbooks/schema"));

        assertThat(RunbookCatalog.of(root).all()).isEmpty();
    }

    @Test
    void anEntryWithoutAnIdIsNamed() throws IOException {
        entry("broken", ENTRY.replace("id: pitr-recovery\n", ""));

        assertThatThrownBy(() -> RunbookCatalog.of(root))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("broken/runbook.yaml")
                .hasMessageContaining("'id' is missing");
    }

    @Test
    void aCheckoutWithoutRunbooksIsSaidToBeIncomplete() {
        assertThatThrownBy(() -> RunbookCatalog.of(root)).isInstanceOf(ConfigException.class);
    }

    private void entry(String folder, String text) throws IOException {
        Path entry = Files.createDirectories(root.resolve("runbooks").resolve(folder));
        Files.writeString(entry.resolve("runbook.yaml"), text);
    }
}
