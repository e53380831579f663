package dev.lifeboat.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StepContextInterceptorTest {

    @Test
    void anActivityIsLoggedUnderItsStepsName() {
        assertThat(StepContextInterceptor.step("PostgresRecoveryReplayWal")).isEqualTo("replay-wal");
        assertThat(StepContextInterceptor.step("PostgresBackupTakeBaseBackup")).isEqualTo("take-base-backup");
        assertThat(StepContextInterceptor.step("PostgresRetentionExpireBackups"))
                .isEqualTo("expire-backups");
        assertThat(StepContextInterceptor.step("LeaseTakeLease")).isEqualTo("take-lease");
    }
}
