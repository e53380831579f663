package dev.lifeboat.lab;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code kill -9} of the worker at the beginning of each step up to the swap, while the live data has not been touched: another one goes on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KillWorkerBeforeSwapIT {

    private static final List<String> STEPS = List.of(
            "PostgresRecoveryGatherFacts",
            "LeaseTakeLease",
            "PostgresRecoveryQuiesce",
            "PostgresRecoveryStopServer",
            "PostgresRecoverySaveWal",
            "PostgresRecoveryRestoreBaseBackup",
            "PostgresRecoveryConfigureRecovery",
            "PostgresRecoveryReplayWal",
            "PostgresRecoveryProveRecoveryPoint",
            "PostgresRecoverySmokeTestCopy",
            "PostgresRecoveryMakeDurable");

    private final KilledRuns runs = new KilledRuns();

    @AfterAll
    void end() {
        runs.close();
    }

    static Stream<String> steps() {
        return KilledRuns.sample(KillWorkerBeforeSwapIT.class, STEPS, 2);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aKilledWorkerIsReplacedAndTheRowsAreTheSame(String activity) {
        runs.killWorkerIn(activity);
    }
}
