package dev.lifeboat.workflows.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import io.temporal.api.common.v1.Payload;
import io.temporal.common.converter.DataConverter;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PayloadMapperTest {

    private final DataConverter converter = PayloadMapper.dataConverter();
    private final ObjectMapper json = PayloadMapper.json();

    @Test
    void timesAndDurationsAreWrittenAsPeopleReadThem() throws Exception {
        StepRecord step = new StepRecord(
                "replay-wal",
                StepState.NOT_RUN,
                0,
                Instant.parse("2026-08-22T09:31:07.120Z"),
                null,
                Duration.ofMillis(12_900),
                "");

        assertThat(json.writeValueAsString(step))
                .isEqualTo("{\"id\":\"replay-wal\",\"state\":\"not-run\",\"attempts\":0,"
                        + "\"startedAt\":\"2026-08-22T09:31:07.120Z\",\"duration\":\"PT12.9S\",\"detail\":\"\"}");
    }

    @Test
    void aPropertyOfANewerVersionIsIgnored() throws Exception {
        Objectives read =
                json.readValue("{\"rto\":\"PT1H\",\"rpo\":\"PT5M\",\"invented\":\"later\"}", Objectives.class);

        assertThat(read).isEqualTo(new Objectives(Duration.ofHours(1), Duration.ofMinutes(5)));
    }

    @Test
    void domainValuesSurviveTheWayThereAndBack() {
        assertSurvives(Lsn.parse("16/B374D848"), Lsn.class);
        assertSurvives(WalSegmentSize.DEFAULT, WalSegmentSize.class);
        assertSurvives(Placement.IN_PLACE, Placement.class);
        assertSurvives(RunMode.DRILL, RunMode.class);
        for (RecoveryTarget target : List.of(
                new RecoveryTarget.AtTime(Instant.parse("2026-08-22T09:15:00.000001Z")),
                new RecoveryTarget.AtLsn(Lsn.parse("0/3000148")),
                new RecoveryTarget.AtXid(4_000_000_000L),
                new RecoveryTarget.AtRestorePoint("before_release"),
                new RecoveryTarget.Latest(),
                new RecoveryTarget.Immediate())) {
            assertSurvives(target, RecoveryTarget.class);
        }
    }

    @Test
    void whatTheServerWouldRefuseIsRefusedBeforeSending() {
        String large = "x".repeat(PayloadMapper.LIMIT_BYTES);

        assertThatThrownBy(() -> converter.toPayload(large))
                .isInstanceOfSatisfying(ApplicationFailure.class, failure -> {
                    assertThat(failure.getType()).isEqualTo("PAYLOAD_TOO_LARGE");
                    assertThat(failure.isNonRetryable()).isTrue();
                });
    }

    private <T> void assertSurvives(T value, Class<T> type) {
        Payload payload = converter.toPayload(value).orElseThrow();

        assertThat(converter.fromPayload(payload, type, type)).isEqualTo(value);
    }
}
