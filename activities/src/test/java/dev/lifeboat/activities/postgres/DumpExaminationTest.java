package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.doctor.Examinations.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DumpExaminationTest {

    private static final Instant NOW = Instant.parse("2026-02-15T02:00:00Z");

    @Test
    void everyDatabaseOfTheConfigurationNeedsADumpOfToday() {
        Map<String, Instant> newest = Map.of("shop", hoursAgo(25), "crm", hoursAgo(26));

        assertThat(look(List.of("shop"), newest))
                .extracting(Seen::right, Seen::words)
                .containsExactly(true, "shop 25 h old");
        assertThat(look(List.of("shop", "crm"), newest).right()).isFalse();
        assertThat(look(List.of("shop", "erp"), newest))
                .extracting(Seen::right, Seen::words)
                .containsExactly(false, "shop 25 h old, erp has none");
    }

    @Test
    void withoutAListThoseCountThatWereDumpedLately() {
        assertThat(look(List.of(), Map.of("shop", hoursAgo(1), "given up", hoursAgo(24 * 9)))
                        .right())
                .isTrue();
        assertThat(look(List.of(), Map.of("shop", hoursAgo(24 * 7))).right()).isFalse();
    }

    @Test
    void noDumpAtAllIsAmiss() {
        assertThat(look(List.of(), Map.of()))
                .extracting(Seen::right, Seen::words)
                .containsExactly(false, "there is none of the last 8 days");
    }

    private static Seen look(List<String> wanted, Map<String, Instant> newest) {
        return DumpExamination.age("main", wanted, newest, NOW);
    }

    private static Instant hoursAgo(int hours) {
        return NOW.minus(Duration.ofHours(hours));
    }
}
