package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.protobuf.ByteString;
import dev.lifeboat.config.Cron;
import dev.lifeboat.config.LifeboatConfig.Schedule;
import dev.lifeboat.config.Runbook;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RunMode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScheduleExaminationTest {

    private static final Instant LAST_WEEK = Instant.parse("2026-11-19T12:00:00Z");
    private static final Instant DUE = Instant.parse("2026-11-26T01:30:00Z");
    private static final Duration JITTER = Duration.ofMinutes(5);

    @Test
    void aStartAtItsTimeOrLaterIsNotMissed() {
        assertThat(missed(LAST_WEEK, "2026-11-26T08:00:00Z", "2026-11-26T01:32:10Z"))
                .isEmpty();
        assertThat(missed(LAST_WEEK, "2026-11-26T08:00:00Z", "2026-11-26T07:59:00Z"))
                .isEmpty();
    }

    @Test
    void nothingSinceItsTimeIsMissedOnceJitterAndAMomentAreOver() {
        assertThat(missed(LAST_WEEK, "2026-11-26T08:00:00Z", "2026-11-25T01:30:10Z"))
                .contains(DUE);
        assertThat(missed(LAST_WEEK, "2026-11-26T08:00:00Z")).contains(DUE);
        assertThat(missed(LAST_WEEK, "2026-11-26T01:36:00Z", "2026-11-25T01:30:10Z"))
                .isEmpty();
        assertThat(missed(LAST_WEEK, "2026-11-26T01:37:00Z", "2026-11-25T01:30:10Z"))
                .contains(DUE);
    }

    @Test
    void whatWasDueBeforeItWasMadeOrChangedIsNotMissed() {
        assertThat(missed(Instant.parse("2026-11-26T01:31:00Z"), "2026-11-26T08:00:00Z"))
                .isEmpty();
    }

    private static java.util.Optional<Instant> missed(Instant since, String now, String... starts) {
        ScheduleForm form = new ScheduleForm(
                Cron.parse("30 1 * * *"),
                JITTER,
                Duration.ofHours(6),
                Duration.ofHours(6),
                MissingNode.getInstance(),
                List.of());
        WantedSchedule wanted = new WantedSchedule(
                new Schedule("base-backup", "main", "30 1 * * *", JITTER, Duration.ofHours(6), Map.of(), null),
                order(),
                form);
        FoundSchedule found = new FoundSchedule(
                "base-backup/main",
                "lifeboat",
                form,
                false,
                "",
                List.of(),
                Stream.of(starts)
                        .map(at -> new FoundSchedule.Start(Instant.parse(at), new RunRef("scheduled/x", "1")))
                        .toList(),
                since,
                ByteString.EMPTY);
        return ScheduleExamination.missed(wanted, found, Instant.parse(now));
    }

    private static RunOrder order() {
        Objectives objectives = new Objectives(Duration.ofHours(1), Duration.ofHours(1));
        return new RunOrder(
                new Runbook("base-backup", "t", "BaseBackup", objectives, Map.of(), List.of(), Path.of("README.md")),
                "base-backup/main",
                RunMode.BACKUP,
                "main",
                null,
                objectives,
                Map.of());
    }
}
