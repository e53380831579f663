package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.config.LifeboatConfig.Writer;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("any-engine")
class WritersIT {

    private final Path folder = Folders.temporary("writers");
    private final Path runs = folder.resolve("backend-runs");
    private LabPostgres postgres;
    private LiveWorld world;

    @BeforeEach
    void aServerAndAWriter() throws IOException {
        postgres = LabPostgres.start(folder);
        world = LiveWorld.of(postgres);
        Files.writeString(runs, "");
    }

    @AfterEach
    void end() {
        postgres.close();
        Folders.remove(folder);
    }

    @Test
    void aRunningWriterIsStoppedProvedAndStartedAgain() {
        Writers writers = with(writer("backend", "rm -f " + runs, "touch " + runs, "! test -e " + runs));

        StepOutcome stopped = writers.stop(world.order("run", "backend"));
        assertThat(runs).doesNotExist();
        assertThat(stopped.checks()).extracting(Check::verdict).containsExactly(Verdict.PASS);
        writers.stop(world.order("run", "backend"));

        assertThat(writers.start(world.order("run", "backend")).detail()).isEqualTo("1 started");
        assertThat(runs).exists();
    }

    @Test
    void aWriterThatSomebodyHadStoppedBeforeStaysStopped() throws IOException {
        Files.delete(runs);
        Writers writers = with(writer("backend", "rm -f " + runs, "touch " + runs, "! test -e " + runs));

        writers.stop(world.order("run", "backend"));
        StepOutcome started = writers.start(world.order("run", "backend"));

        assertThat(runs).doesNotExist();
        assertThat(started.detail()).isEqualTo("0 started, 1 had been stopped before");
    }

    @Test
    void aStopCommandThatFailsIsNamedWithItsExitCode() {
        Writers writers = with(writer("backend", "echo no such unit >&2; exit 5", "true", null));

        assertThatThrownBy(() -> writers.stop(world.order("run", "backend")))
                .hasMessageContaining("exited with 5")
                .hasMessageContaining("no such unit");
    }

    @Test
    void aSessionThatNoWriterAccountsForIsAFinding() throws Exception {
        Writers writers = with(writer("backend", "true", "true", null));
        try (Connection analyst = postgres.connect()) {
            assertThat(analyst.isValid(1)).isTrue();

            StepOutcome stopped = writers.stop(world.order("run", "backend"));

            assertThat(stopped.findings()).extracting(Finding::what).anyMatch(what -> what.contains("127.0.0.1"));
        }
    }

    @Test
    void whereNoWriterIsConfiguredThereIsNothingToStart() {
        Writers writers = new Writers(world.context, Map.of());

        StepOutcome stopped = writers.stop(world.order("run"));
        StepOutcome started = writers.start(world.order("run"));

        assertThat(stopped.leftOut()).as("other sessions are looked for").isFalse();
        assertThat(started.leftOut()).isTrue();
        assertThat(started.detail()).isEqualTo("no writers are configured");
    }

    private Writers with(Writer writer) {
        return new Writers(world.context, Map.of(writer.name(), writer));
    }

    private static Writer writer(
            String name, String stop, String start, @org.jspecify.annotations.Nullable String proof) {
        return new Writer(name, stop, start, proof);
    }
}
