package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configured beside existing: everything that can meet. */
class SyncPlanTest {

    private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    /** The configured cron and pause, Temporal's, what is to be done, and how it stands afterwards. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "30 1 * * * | -    | -          | -                    | CREATE | false | ''",
                "30 1 * * * | full | -          | -                    | CREATE | true  | lifeboat.yaml: full",
                "30 1 * * * | -    | 30 1 * * * | -                    | KEEP   | false | ''",
                "30 1 * * * | -    | 0 2 * * *  | -                    | CHANGE | false | ''",
                "30 1 * * * | -    | 30 1 * * * | by ana: x            | KEEP   | true  | by ana: x",
                "30 1 * * * | -    | 0 2 * * *  | by ana: x            | CHANGE | true  | by ana: x",
                "30 1 * * * | -    | 30 1 * * * | lifeboat.yaml: full  | CHANGE | false | ''",
                "30 1 * * * | full | 30 1 * * * | -                    | CHANGE | true  | lifeboat.yaml: full",
                "30 1 * * * | full | 30 1 * * * | lifeboat.yaml: full  | KEEP   | true  | lifeboat.yaml: full",
                "30 1 * * * | full | 30 1 * * * | lifeboat.yaml: other | CHANGE | true  | lifeboat.yaml: full",
                "30 1 * * * | full | 30 1 * * * | by ana: x            | KEEP   | true  | by ana: x",
                "-          | -    | 30 1 * * * | -                    | REMOVE | false | ''",
                "-          | -    | 30 1 * * * | by ana: x            | REMOVE | false | ''",
            })
    void oneScheduleHereAndThere(
            @Nullable String cron,
            @Nullable String paused,
            @Nullable String cronThere,
            @Nullable String noteThere,
            SyncPlan.Kind kind,
            boolean pausedAfter,
            String noteAfter) {
        SyncPlan plan = SyncPlan.of(
                "shop",
                cron == null ? List.of() : List.of(wanted("main", cron, paused)),
                cronThere == null ? List.of() : List.of(found("main", "shop", cronThere, noteThere)),
                NOW);

        assertThat(plan.changes()).singleElement().satisfies(change -> {
            assertThat(change.id()).isEqualTo("base-backup/main");
            assertThat(change.kind()).isEqualTo(kind);
            assertThat(change.paused()).isEqualTo(pausedAfter);
            assertThat(change.note()).isEqualTo(noteAfter);
            assertThat(change.what()).isNotEmpty().doesNotContain("");
        });
        assertThat(plan.changesNothing()).isEqualTo(kind == SyncPlan.Kind.KEEP);
    }

    @Test
    void whatIsNotOursIsRefusedWhereItsIdIsWantedAndElseNotEvenSeen() {
        SyncPlan plan = SyncPlan.of(
                "shop",
                List.of(wanted("main", "30 1 * * *", null), wanted("other", "30 1 * * *", null)),
                List.of(
                        found("main", null, "30 1 * * *", null),
                        found("other", "billing", "30 1 * * *", null),
                        found("third", "billing", "30 1 * * *", null)),
                NOW);

        assertThat(plan.changes())
                .extracting(change -> change.id() + " " + change.kind() + " " + change.what())
                .containsExactly(
                        "base-backup/main refuse [Lifeboat did not make it]",
                        "base-backup/other refuse [it belongs to the platform 'billing', and this is 'shop']");
        assertThat(plan.changesNothing()).isFalse();
    }

    @Test
    void nothingHereAndThereIsNothingToDo() {
        assertThat(SyncPlan.of("shop", List.of(), List.of(), NOW).changesNothing())
                .isTrue();
    }

    private static WantedSchedule wanted(String cluster, String cron, @Nullable String paused) {
        Objectives objectives = new Objectives(HOUR, HOUR);
        return new WantedSchedule(
                new Schedule("base-backup", cluster, cron, Duration.ZERO, HOUR, Map.of(), paused),
                new RunOrder(
                        new Runbook("base-backup", "t", "B", objectives, Map.of(), List.of(), Path.of("README.md")),
                        "base-backup/" + cluster,
                        RunMode.BACKUP,
                        cluster,
                        null,
                        objectives,
                        Map.of()),
                form(cron));
    }

    private static FoundSchedule found(
            String cluster, @Nullable String platform, String cron, @Nullable String pausedWith) {
        return new FoundSchedule(
                "base-backup/" + cluster,
                platform,
                form(cron),
                pausedWith != null,
                pausedWith == null ? "" : pausedWith,
                Stream.of(NOW.plus(HOUR)).toList(),
                List.of(),
                NOW,
                ByteString.EMPTY);
    }

    private static ScheduleForm form(String cron) {
        return new ScheduleForm(Cron.parse(cron), Duration.ZERO, HOUR, HOUR, new TextNode("it"), List.of());
    }
}
