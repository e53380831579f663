package dev.lifeboat.workflows.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.LeftBehind;
import dev.lifeboat.workflows.contract.evidence.RunReport.Achieved;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.evidence.Verdicts;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.runbook.Verdictor.Ending;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictorTest {

    private static final Objectives PROMISE = new Objectives(Duration.ofHours(1), Duration.ofMinutes(5));
    private static final Check GREEN = Check.of("orders", "at least 1", "7", true);
    private static final Check RED = Check.of("orders", "at least 1", "0", false);

    @ParameterizedTest
    @CsvSource({
        // ending, executed, verified, rto, rpo, clean -> code
        "COMPLETED, pass, pass, pass, pass, pass, 0",
        "COMPLETED, pass, pass, not-measured, not-measured, pass, 0",
        "COMPLETED, pass, pass, fail, pass, pass, 4",
        "COMPLETED, pass, pass, pass, fail, pass, 4",
        "COMPLETED, pass, pass, fail, fail, fail, 9",
        "COMPLETED, pass, fail, fail, fail, fail, 3",
        "COMPLETED, pass, not-measured, pass, pass, pass, 3",
        "GIVEN_UP, fail, not-measured, not-measured, not-measured, pass, 5",
        "GIVEN_UP, fail, fail, not-measured, not-measured, pass, 5",
        "GIVEN_UP, fail, not-measured, not-measured, not-measured, fail, 1",
        "FAILED, fail, pass, pass, pass, pass, 1",
        "FAILED, fail, fail, fail, fail, fail, 1",
    })
    void theExitCodeFollowsThePrecedence(
            Ending ending, String executed, String verified, String rto, String rpo, String clean, int code) {
        Verdicts verdicts = new Verdicts(
                Verdict.parse(executed),
                Verdict.parse(verified),
                Verdict.parse(rto),
                Verdict.parse(rpo),
                Verdict.parse(clean));

        assertThat(Verdictor.exitCode(ending, verdicts)).isEqualTo(code);
    }

    @Test
    void whatNobodyLookedAtIsNotMeasured() {
        Verdicts verdicts = judge(List.of(), null, null);

        assertThat(verdicts)
                .isEqualTo(new Verdicts(
                        Verdict.PASS, Verdict.NOT_MEASURED, Verdict.NOT_MEASURED, Verdict.NOT_MEASURED, Verdict.PASS));
    }

    @Test
    void aCheckThatMeasuredNothingVerifiesNothing() {
        Check unmeasured = new Check("index check", "sound", "not looked at", Verdict.NOT_MEASURED);

        assertThat(judge(List.of(unmeasured), null, null).verified()).isEqualTo(Verdict.NOT_MEASURED);
        assertThat(judge(List.of(unmeasured, GREEN), null, null).verified()).isEqualTo(Verdict.PASS);
    }

    @Test
    void oneRedCheckAmongGreenOnesFails() {
        assertThat(judge(List.of(GREEN, RED, GREEN), null, null).verified()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void aPromiseIsKeptToTheMillisecond() {
        assertThat(judge(List.of(GREEN), Duration.ofHours(1), Duration.ofMinutes(5)))
                .isEqualTo(new Verdicts(Verdict.PASS, Verdict.PASS, Verdict.PASS, Verdict.PASS, Verdict.PASS));
        Verdicts missed = judge(
                List.of(GREEN),
                Duration.ofHours(1).plusMillis(1),
                Duration.ofMinutes(5).plusMillis(1));
        assertThat(missed.rto()).isEqualTo(Verdict.FAIL);
        assertThat(missed.rpo()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void aRunThatWasPutBackKeptNoPromise() {
        Achieved reached = new Achieved(Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO, null);

        Verdicts verdicts = Verdictor.judge(Ending.GIVEN_UP, List.of(GREEN), reached, PROMISE, List.of());

        assertThat(verdicts.rto()).isEqualTo(Verdict.NOT_MEASURED);
        assertThat(verdicts.rpo()).isEqualTo(Verdict.NOT_MEASURED);
        assertThat(verdicts.executed()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void whatWasMeantToStayIsClean() {
        LeftBehind meant = new LeftBehind("old data directory", "/srv/old", Instant.parse("2026-08-29T00:00:00Z"));
        LeftBehind forgotten = new LeftBehind("copy", "/srv/copy", null);

        assertThat(judgeLeft(List.of(meant)).clean()).isEqualTo(Verdict.PASS);
        assertThat(judgeLeft(List.of(meant, forgotten)).clean()).isEqualTo(Verdict.FAIL);
    }

    private static Verdicts judge(List<Check> checks, @Nullable Duration recoveryTime, @Nullable Duration dataLoss) {
        Achieved achieved = new Achieved(recoveryTime, Duration.ZERO, dataLoss, null);
        return Verdictor.judge(Ending.COMPLETED, checks, achieved, PROMISE, List.of());
    }

    private static Verdicts judgeLeft(List<LeftBehind> left) {
        Achieved nothing = new Achieved(null, Duration.ZERO, null, null);
        return Verdictor.judge(Ending.COMPLETED, List.of(GREEN), nothing, PROMISE, left);
    }
}
