package dev.lifeboat.workflows.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.runbook.FailureTranslator.Read;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TimeoutFailure;
import org.junit.jupiter.api.Test;

class FailureTranslatorTest {

    @Test
    void codeMessageAndHintComeBackAsTheyWere() {
        RecoveryFailure failure = new RecoveryFailure(FailureCode.WAL_GAP, "segment A7 is missing", "take another day");

        Read read = FailureTranslator.read(new RuntimeException(FailureTranslator.toTemporal(failure)));

        assertThat(read).isEqualTo(new Read(FailureCode.WAL_GAP, "segment A7 is missing", "take another day"));
    }

    @Test
    void onlyWhatTheEnvironmentCausedIsTriedAgainByMachine() {
        assertThat(failed(FailureCode.OBJECT_STORE_UNREACHABLE).isNonRetryable())
                .isFalse();
        assertThat(failed(FailureCode.SMOKE_TEST_FAILED).isNonRetryable()).isTrue();
    }

    @Test
    void whatNobodyForesawKeepsItsTypeAndItsWords() {
        Read read = FailureTranslator.read(ApplicationFailure.newFailure("oh", "java.lang.IllegalStateException"));

        assertThat(read.code()).isEqualTo(FailureCode.UNEXPECTED_ERROR);
        assertThat(read.message()).contains("java.lang.IllegalStateException", "oh");
    }

    @Test
    void aQueueWithoutAWorkerIsToldFromAWorkerThatDied() {
        assertThat(timedOut(TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START)).isEqualTo(FailureCode.NO_WORKER);
        assertThat(timedOut(TimeoutType.TIMEOUT_TYPE_HEARTBEAT)).isEqualTo(FailureCode.WORKER_LOST);
    }

    private static FailureCode timedOut(TimeoutType type) {
        return FailureTranslator.read(new TimeoutFailure("", null, type)).code();
    }

    private static ApplicationFailure failed(FailureCode code) {
        return FailureTranslator.toTemporal(new RecoveryFailure(code, "", ""));
    }
}
