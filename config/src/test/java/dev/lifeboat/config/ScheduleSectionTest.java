package dev.lifeboat.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lifeboat.config.LifeboatConfig.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleSectionTest {

    private static final String CONFIG =
            """
            bucket: { url: "s3://backups" }
            postgres: { main: { data-directory: /d, bin-directory: /b } }
            """;

    @TempDir
    Path folder = Path.of("");

    @Test
    void everyKeyOfAScheduleArrivesAndWhatIsLeftOutHasItsDefault() throws IOException {
        LifeboatConfig config = read(
                """
                schedules:
                  - { runbook: base-backup, cluster: main, cron: "30 1 * * *", jitter: PT5M, catch-up: PT2H }
                  - runbook: pitr-recovery
                    cluster: main
                    cron: "0 4 1 * *"
                    inputs: { drill: true, target: latest }
                    paused: until the new store is there
                """);

        assertThat(config.schedules())
                .containsExactly(
                        new Schedule(
                                "base-backup",
                                "main",
                                "30 1 * * *",
                                Duration.ofMinutes(5),
                                Duration.ofHours(2),
                                Map.of(),
                                null),
                        new Schedule(
                                "pitr-recovery",
                                "main",
                                "0 4 1 * *",
                                Duration.ZERO,
                                Duration.ofHours(6),
                                Map.of("drill", "true", "target", "latest"),
                                "until the new store is there"));
        assertThat(config.schedules().stream().map(Schedule::id))
                .containsExactly("base-backup/main", "pitr-recovery/main/drill");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "base-backup | base-bakcup                 | 'schedules[0].runbook' names no runbook; the nearest one is 'base-backup'",
                "base-backup | dump-restore                | 'schedules[0].runbook' must not be scheduled: 'dump-restore' would change production",
                "base-backup | pitr-recovery               | as a drill it may be: inputs: { drill: true }",
                "cluster: main | cluster: mian             | 'schedules[0].cluster' names no cluster below 'postgres:'; the nearest one is 'main'",
                "cluster: main, | ~~                       | 'schedules[0].cluster' is missing",
                "30 1 * * *  | 30 1 * *                    | 'schedules[0].cron' must have five fields",
                "30 1 * * *  | 30 25 * * *                 | has a wrong hour '25'",
                "30 1 * * *  | 0 0 1 * mon                 | names both days of the month and days of the week",
                "PT5M        | PT13H                       | 'schedules[0].jitter' must not be longer than PT12H",
                "30 1 * * *  | */5 * * * *                 | 'schedules[0].jitter' is PT5M, and two starts can be only PT5M apart",
                "PT2H        | PT30S                       | 'schedules[0].catch-up' must lie between PT1M and PT168H, not PT30S",
                "PT2H        | P8D                         | 'schedules[0].catch-up' must lie between",
                "PT2H        | PT2H, cathc-up: PT1H        | unknown key 'cathc-up' in schedules[0]; the nearest known one is 'catch-up'",
                "PT2H        | PT2H, inputs: { drill: true } | 'schedules[0].inputs.drill' is no input of base-backup, which has none but the cluster",
                "PT2H        | PT2H, inputs: { cluster: main } | 'cluster' stands beside 'runbook'",
                "PT2H        | PT2H, paused: yes           | put it in quotes",
            })
    void aScheduleThatCannotBeMeantIsNamedWithItsPlace(String right, String wrong, String sentence) {
        String yaml =
                """
                schedules:
                  - { runbook: base-backup, cluster: main, cron: "30 1 * * *", jitter: PT5M, catch-up: PT2H }
                """;

        assertThat(refusal(yaml.replace(right, wrong)))
                .hasMessageContaining(sentence)
                .hasMessageContaining("line ");
    }

    @Test
    void aFlagIsTrueOrFalseAndAnUnknownInputIsToldWhatThereIs() {
        ConfigException refusal = refusal(
                """
                schedules:
                  - { runbook: pitr-recovery, cluster: main, cron: "0 4 1 * *", inputs: { drill: true, exclusive: maybe, tagret: latest } }
                """);

        assertThat(refusal)
                .hasMessageContaining("'schedules[0].inputs.exclusive' must be true or false")
                .hasMessageContaining("'schedules[0].inputs.tagret' is no input of pitr-recovery; it has [drill,");
    }

    @Test
    void twoSchedulesOfOneNameAreRefusedWhileADrillHasItsOwn() throws IOException {
        String backup = "  - { runbook: base-backup, cluster: main, cron: \"30 1 * * *\" }\n";
        String drill = "  - { runbook: pitr-recovery, cluster: main, cron: \"0 4 1 * *\", inputs: { drill: true } }\n";

        assertThat(read("schedules:\n" + backup + drill).schedules()).hasSize(2);
        assertThat(refusal("schedules:\n" + backup + drill + backup))
                .hasMessageContaining("line 6")
                .hasMessageContaining("base-backup/main can have one");
    }

    @Test
    void aRunbookThatComesLaterIsAcceptedAsSoonAsItsFolderIsThere() throws IOException {
        String yaml = "schedules: [{ runbook: daily-dump, cluster: main, cron: \"0 2 * * *\" }]\n";
        entry("base-backup", "");

        assertThat(refusal(yaml)).hasMessageContaining("names no runbook");

        entry("daily-dump", "");
        assertThat(read(yaml).schedules()).hasSize(1);
    }

    /** A worker starts nothing by the clock, so it needs no catalogue to serve. */
    @Test
    void withoutACatalogueNamesOfRunbooksAreLeftAlone() throws IOException {
        Path file = write("schedules: [{ runbook: no-such, cluster: main, cron: \"0 2 * * *\" }]\n");

        assertThat(ConfigReader.read(file).schedules()).hasSize(1);
    }

    @Test
    void theCatalogueIsReadOnlyWhereSomethingIsScheduled() throws IOException {
        Path file = write("schedules: []\n");

        LifeboatConfig config = ConfigReader.read(file, () -> {
            throw new AssertionError("the catalogue was read");
        });

        assertThat(config.schedules()).isEmpty();
    }

    private LifeboatConfig read(String yaml) throws IOException {
        catalog();
        return ConfigReader.read(write(yaml), () -> RunbookCatalog.of(folder));
    }

    private ConfigException refusal(String yaml) {
        return catchThrowableOfType(ConfigException.class, () -> read(yaml));
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("lifeboat.yaml"), CONFIG + yaml);
    }

    private void catalog() throws IOException {
        if (Files.exists(folder.resolve("runbooks"))) {
            return;
        }
        for (String id : List.of("base-backup", "dump-restore")) {
            entry(id, "");
        }
        entry(
                "pitr-recovery",
                "  drill: { type: flag, meaning: m }\n  exclusive: { type: flag, meaning: m }\n  target: { type: time, meaning: m }\n");
    }

    private void entry(String id, String inputs) throws IOException {
        Path entry = Files.createDirectories(folder.resolve("runbooks").resolve(id));
        Files.writeString(
                entry.resolve("runbook.yaml"),
                "id: " + id + "\ntitle: t\nworkflow: W\ninputs:\n  cluster: { type: cluster, meaning: m }\n" + inputs);
    }
}
