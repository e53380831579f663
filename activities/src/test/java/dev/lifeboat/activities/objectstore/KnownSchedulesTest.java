package dev.lifeboat.activities.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class KnownSchedulesTest {

    private static final Instant FIRST = Instant.parse("2026-08-22T09:15:00Z");
    private static final Instant LATER = Instant.parse("2026-09-22T09:15:00Z");

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @Test
    void whoSeesItFirstSaysSinceWhenAndNobodyChangesThat() {
        assertThat(at(FIRST).since("restore-verification/main", "0 4 1 * *")).isEqualTo(FIRST);
        assertThat(at(LATER).since("restore-verification/main", "0 4 1 * *")).isEqualTo(FIRST);
    }

    @Test
    void oneWithOtherTimesIsAnother() {
        at(FIRST).since("pitr-recovery/main", "0 4 1 * *");
        at(FIRST).since("pitr-recovery/main/drill", "*/15 1-5 * * mon");

        assertThat(at(LATER).since("pitr-recovery/main/drill", "0 4 1 * *")).isEqualTo(LATER);
        assertThat(at(LATER).since("pitr-recovery/main/drill", "*/15  1-5 * * mon"))
                .isEqualTo(FIRST);
        assertThat(store.list(""))
                .extracting(StoredObject::key)
                .containsExactly(
                        "schedules/pitr-recovery/main.drill/0_4_1_x_x.json",
                        "schedules/pitr-recovery/main.drill/x.15_1-5_x_x_mon.json",
                        "schedules/pitr-recovery/main/0_4_1_x_x.json");
    }

    @Test
    void whileTheBucketIsAwayNobodyKnows() {
        store.goAway();

        assertThatThrownBy(() -> at(FIRST).since("daily-dump/main", "0 2 * * *"))
                .isInstanceOf(RecoveryFailure.class);
    }

    private KnownSchedules at(Instant now) {
        return new KnownSchedules(store, Clock.fixed(now, ZoneOffset.UTC));
    }
}
