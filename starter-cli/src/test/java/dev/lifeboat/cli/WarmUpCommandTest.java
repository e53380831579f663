package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmUpCommandTest {

    @TempDir
    Path folder = Path.of("");

    @Test
    void itGoesThroughAnswersOfEachKindWithoutTheTemporalOfTheConfiguration() throws IOException {
        Desk desk = Desk.withoutTemporal(folder);
        Files.writeString(
                folder.resolve("lifeboat.yaml"),
                "schedules: [ { runbook: base-backup, cluster: main, cron: \"0 1 * * *\" } ]\n",
                StandardOpenOption.APPEND);

        Desk.Said said = desk.run("warm-up");

        assertThat(said.exit()).as(said.toString()).isZero();
        assertThat(said.err()).isEmpty();
        assertThat(said.out().lines())
                .as("a schedule, and a run that never was")
                .anyMatch(line -> line.startsWith("base-backup ") && line.endsWith(" 2023-11-14T22:13:20Z  -"))
                .as("a run that has ended")
                .anyMatch(line -> line.startsWith("pitr-recovery ") && line.contains("terminated"));
    }
}
