package dev.lifeboat.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigReader;
import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {

    private static final Map<String, String> SECRETS = Map.of("KEY", "a", "SECRET", "b");

    private final Path folder;

    PreflightTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void aMissingProgramIsNamedWithItsPath() throws IOException {
        assertThatThrownBy(() -> Preflight.check(config(), WorkerArguments.parse(), SECRETS))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(folder.resolve("bin/postgres").toString());
    }

    @Test
    void aWorkerThatOnlyRunsWorkflowsNeedsNoSecretAndNoProgram() throws IOException {
        LifeboatConfig config = config();

        assertThatCode(() -> Preflight.check(config, WorkerArguments.parse("--role", "runbooks"), Map.of()))
                .doesNotThrowAnyException();
    }

    @Test
    void aSecretThatIsNotThereIsNamedByItsReference() throws IOException {
        assertThatThrownBy(() ->
                        Preflight.check(config(), WorkerArguments.parse("--role", "platform"), Map.of("KEY", "a")))
                .hasMessageContaining("env:SECRET");
    }

    @Test
    void aClusterThatIsNotInTheFileIsAnsweredWithThoseThatAre() throws IOException {
        assertThatThrownBy(() -> Preflight.check(config(), WorkerArguments.parse("--cluster", "other"), SECRETS))
                .hasMessageContaining("other")
                .hasMessageContaining("main");
    }

    @Test
    void onDebianTheConfigurationFileThatWasLeftOutIsNamed() throws IOException {
        Path file = Files.createDirectories(folder.resolve("etc/data/main")).resolve("postgresql.conf");
        Files.createDirectories(folder.resolve("data/main"));
        PostgresCluster cluster = config().cluster("main").orElseThrow();
        assertThatCode(() -> Preflight.checkConfigFile(cluster, folder.resolve("etc")))
                .doesNotThrowAnyException();
        Files.writeString(file, "");

        assertThatThrownBy(() -> Preflight.checkConfigFile(cluster, folder.resolve("etc")))
                .isInstanceOfSatisfying(ConfigException.class, refusal -> assertThat(refusal.hint())
                        .contains("config-file: " + file));
    }

    private LifeboatConfig config() throws IOException {
        Path file = folder.resolve("lifeboat.yaml");
        Files.writeString(
                file,
                """
                bucket: { url: "s3://backups/", endpoint: "http://127.0.0.1:9", access-key: "env:KEY", secret-key: "env:SECRET" }
                postgres:
                  main: { data-directory: data/main, bin-directory: bin, run-as: %s }
                """
                        .formatted(System.getProperty("user.name")));
        return ConfigReader.read(file);
    }
}
