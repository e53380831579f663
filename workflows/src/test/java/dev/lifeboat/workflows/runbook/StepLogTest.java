package dev.lifeboat.workflows.runbook;

import static dev.lifeboat.workflows.runbook.basebackup.BaseBackupStep.AWAIT_WAL;
import static dev.lifeboat.workflows.runbook.basebackup.BaseBackupStep.CHECK_CLUSTER;
import static dev.lifeboat.workflows.runbook.basebackup.BaseBackupStep.TAKE_BASE_BACKUP;
import static dev.lifeboat.workflows.runbook.basebackup.BaseBackupStep.TAKE_LEASE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.StepRecord;
import dev.lifeboat.workflows.contract.evidence.StepState;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupStep;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StepLogTest {

    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final StepLog log = new StepLog(List.of(BaseBackupStep.values()), clock::get);

    @Test
    void aStepsDurationStandsStillWhileAPersonThinks() {
        log.begin(CHECK_CLUSTER);
        clock.addAndGet(2_000);
        log.failed(CHECK_CLUSTER, "no archiving");
        clock.addAndGet(3_600_000);
        log.begin(CHECK_CLUSTER);
        clock.addAndGet(500);
        log.done(CHECK_CLUSTER, "archives");

        StepRecord step = log.records().get(0);

        assertThat(step.duration()).isEqualTo(Duration.ofMillis(2_500));
        assertThat(step.attempts()).isEqualTo(2);
        assertThat(step.startedAt()).isEqualTo(Instant.ofEpochMilli(1_000_000));
        assertThat(step.endedAt()).isEqualTo(Instant.ofEpochMilli(4_602_500));
        assertThat(step.detail()).isEqualTo("archives");
    }

    @Test
    void aReportHoldsOnlyFinalStates() {
        log.begin(CHECK_CLUSTER);
        log.done(CHECK_CLUSTER, "");
        log.waiting(TAKE_LEASE, "waits for approval");
        log.begin(TAKE_BASE_BACKUP);
        log.skipped(AWAIT_WAL, "by bob");

        assertThat(log.finalRecords())
                .extracting(StepRecord::state)
                .containsExactly(
                        StepState.DONE,
                        StepState.NOT_RUN,
                        StepState.FAILED,
                        StepState.SKIPPED,
                        StepState.NOT_RUN,
                        StepState.NOT_RUN,
                        StepState.NOT_RUN,
                        StepState.NOT_RUN);
    }

    @Test
    void aStepThatFoundNothingToDoIsSkippedAndNobodyAttemptedIt() {
        log.begin(CHECK_CLUSTER);
        log.leftOut(CHECK_CLUSTER, "none is configured");

        StepRecord step = log.finalRecords().get(0);

        assertThat(step.state()).isEqualTo(StepState.SKIPPED);
        assertThat(step.attempts()).isZero();
        assertThat(step.detail()).isEqualTo("none is configured");
    }

    @Test
    void theTableForTheUiKeepsItsShapeWhateverADetailHolds() {
        log.begin(CHECK_CLUSTER);
        log.done(CHECK_CLUSTER, "a|b\nc");

        assertThat(log.markdown()).contains("| check-cluster | done | 0s | a\\|b c |");
    }
}
