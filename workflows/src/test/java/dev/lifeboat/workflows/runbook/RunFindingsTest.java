package dev.lifeboat.workflows.runbook;

import static dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryStep.REPLAY_WAL;
import static dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryStep.RESTORE_BASE_BACKUP;
import static dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryStep.SMOKE_TEST_COPY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunFindingsTest {

    private final RunFindings seen = new RunFindings();

    @Test
    void aRunThatKeptItsWorkerNeverResumed() {
        seen.add(RESTORE_BASE_BACKUP, by("1@a", 1));
        seen.add(REPLAY_WAL, by("1@a", 3));

        assertThat(seen.resumes()).isZero();
        assertThat(seen.workers()).containsExactly("1@a");
    }

    @Test
    void eachWorkerThatWasLostIsAResume() {
        seen.add(RESTORE_BASE_BACKUP, by("2@a", 2));
        seen.add(REPLAY_WAL, by("5@a", 4));
        seen.add(SMOKE_TEST_COPY, by("6@a", 1));

        assertThat(seen.resumes()).isEqualTo(1 + 3 + 1);
        assertThat(seen.workers()).containsExactly("2@a", "5@a", "6@a");
    }

    @Test
    void whatAStepSaysAgainReplacesWhatItSaidBefore() {
        seen.add(SMOKE_TEST_COPY, by("1@a", 1).withChecks(List.of(Check.of("orders", "1", "0", false))));
        seen.add(SMOKE_TEST_COPY, by("1@a", 1).withChecks(List.of(Check.of("orders", "1", "1", true))));

        assertThat(seen.checks()).containsExactly(Check.of("orders", "1", "1", true));
    }

    @Test
    void whatAnUndoneStepLeftIsGone() {
        seen.add(RESTORE_BASE_BACKUP, by("1@a", 1).withLeftBehind(List.of(new LeftBehind("copy", "/x", null))));

        seen.undone(RESTORE_BASE_BACKUP);

        assertThat(seen.leftBehind()).isEmpty();
    }

    private static StepOutcome by(String worker, int attempt) {
        return StepOutcome.of("", worker).withAttempt(attempt);
    }
}
