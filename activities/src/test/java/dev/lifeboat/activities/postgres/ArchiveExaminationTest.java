package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ArchiveExaminationTest {

    private static final Instant NOON = Instant.parse("2026-08-22T12:00:00Z");
    private static final Lsn LSN = Lsn.parse("0/3000148");

    @Test
    void anArchiverIsWellWhileItIsAtWorkAndLessThanTwoMinutesBehind() {
        assertThat(right(status(true, Duration.ofSeconds(119), null))).isTrue();
        assertThat(right(status(true, Duration.ofSeconds(120), null))).isFalse();
        assertThat(right(status(true, Duration.ZERO, "the bucket is away"))).isFalse();
        assertThat(right(status(false, Duration.ZERO, null))).isFalse();
    }

    @Test
    void aWindowMustReachToWithinTheRpoOfNow() {
        Duration hour = Duration.ofHours(1);

        assertThat(window(hour, NOON.minus(hour)).right()).isTrue();
        assertThat(window(hour, NOON.minus(hour).minusSeconds(1)).right()).isFalse();
        assertThat(window(hour, (Instant) null).right())
                .as("a range without any commit")
                .isFalse();
    }

    @Test
    void withoutACommitSinceAFreshBackupNothingIsLost() {
        Window window = new Window(List.of(new Range(1, NOON.minusSeconds(60), null, LSN, LSN)), List.of(), null);

        assertThat(ArchiveExamination.window(window, Duration.ofMinutes(5), NOON, "main")
                        .right())
                .isTrue();
    }

    @Test
    void theRangeThatReachesFurthestCounts() {
        Window window =
                new Window(List.of(range(NOON.minusSeconds(60)), range(NOON.minusSeconds(9_000))), List.of(), null);

        assertThat(ArchiveExamination.window(window, Duration.ofMinutes(5), NOON, "main")
                        .right())
                .isTrue();
    }

    private static ArchiverStatus status(boolean active, Duration oldest, @Nullable String error) {
        return new ArchiverStatus(active, 3, oldest, null, null, error, 0, 0, 0);
    }

    private static boolean right(ArchiverStatus status) {
        return ArchiveExamination.archiver(status).right();
    }

    private static dev.lifeboat.workflows.contract.doctor.Examinations.Seen window(Duration rpo, @Nullable Instant to) {
        return ArchiveExamination.window(new Window(List.of(range(to)), List.of(), null), rpo, NOON, "main");
    }

    private static Range range(@Nullable Instant to) {
        return new Range(1, NOON.minusSeconds(99_999), to, LSN, LSN);
    }
}
