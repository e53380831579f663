package dev.lifeboat.lab;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code kill -9} of the worker at the beginning of each step from the swap on, when the live data is being replaced, to the report: another one goes on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KillWorkerFromSwapIT {

    private static final List<String> STEPS = List.of(
            "PostgresRecoverySwapIn",
            "PostgresRecoveryReopen",
            "PostgresRecoverySmokeTestLive",
            "PostgresBackupTakeBaseBackup",
            "PostgresRecoveryCheckIndexes",
            "PostgresRecoveryRemoveCopy",
            "LeaseReleaseLease",
            "EvidenceWriteReport");

    private final KilledRuns runs = new KilledRuns();

    @AfterAll
    void end() {
        runs.close();
    }

    static Stream<String> steps() {
        return KilledRuns.sample(KillWorkerFromSwapIT.class, STEPS, 1);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aKilledWorkerIsReplacedAndTheRowsAreTheSame(String activity) {
        runs.killWorkerIn(activity);
    }
}
