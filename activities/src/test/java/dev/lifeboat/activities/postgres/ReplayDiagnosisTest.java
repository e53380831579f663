package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In the words of PostgreSQL 15. */
class ReplayDiagnosisTest {

    private static final String CONSISTENT = "LOG:  consistent recovery state reached at 0/3000138";

    private final RecoveryPlan plan =
            TestPlans.plan(new RecoveryTarget.AtRestorePoint("before_release"), null, Placement.DRILL, Path.of("/x"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            recovery ended before configured recovery target was reached                  | TARGET_BEYOND_WAL
            requested recovery stop point is before consistent recovery point             | TARGET_BEFORE_BACKUP
            could not extend file "base/5/1": No space left on device                      | TOO_LITTLE_SPACE
            could not locate a valid checkpoint record                                     | BACKUP_DAMAGED
            could not find redo location referenced by checkpoint record, see backup_label | BACKUP_DAMAGED
            WAL contains references to invalid pages                                       | BACKUP_DAMAGED
            something that nobody has seen before                                          | SERVER_DIED_IN_REPLAY
            """)
    void theServersLastWordsSayWhichOfManyReasonsItWas(String words, FailureCode code) {
        assertThat(diagnose(CONSISTENT, "FATAL:  " + words).code()).isEqualTo(code);
    }

    @Test
    void aServerThatEndsBeforeItIsConsistentDidNotStart() {
        RecoveryFailure failure = diagnose("FATAL:  could not bind the socket");

        assertThat(failure.code()).isEqualTo(FailureCode.SERVER_DID_NOT_START);
        assertThat(failure).hasMessageContaining("could not bind the socket");
    }

    @Test
    void aServerThatTheShimStoppedDiedInReplayHoweverEarly() {
        String words =
                "could not restore file \"000000010000000000000003\" from archive: child process exited with exit code 200";

        assertThat(diagnose("FATAL:  " + words).code()).isEqualTo(FailureCode.SERVER_DIED_IN_REPLAY);
        assertThat(ReplayDiagnosis.isOutage(words)).isTrue();
        assertThat(ReplayDiagnosis.isOutage(words.replace("200", "1"))).isFalse();
    }

    @Test
    void aServerThatSaidNothingWasKilled() {
        assertThat(diagnose(CONSISTENT)).hasMessageContaining("without a word");
        assertThat(diagnose()).hasMessageContaining("without a word");
        assertThat(diagnose().code()).isEqualTo(FailureCode.SERVER_DIED_IN_REPLAY);
    }

    @ParameterizedTest
    @CsvSource({
        "maximum number of prepared transactions reached, true",
        "out of shared memory, true",
        "recovery aborted because of insufficient parameter settings, true",
        "out of memory, false"
    })
    void aLimitThatIsTooSmallIsToldFromOtherTroubles(String words, boolean lacks) {
        assertThat(ReplayDiagnosis.lacksCapacity(log("FATAL:  " + words))).isEqualTo(lacks);
    }

    private RecoveryFailure diagnose(String... lines) {
        return ReplayDiagnosis.of(plan, log(lines), Path.of("/x/log"));
    }

    private static ReplayLog log(String... lines) {
        List<String> all = new ArrayList<>();
        for (String line : lines) {
            all.add("2026-08-22 09:15:00.123 UTC [17] " + line);
        }
        return ReplayLog.parse(all);
    }
}
