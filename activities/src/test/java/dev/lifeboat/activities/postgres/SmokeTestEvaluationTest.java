package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.config.LifeboatConfig.SmokeTest;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import org.junit.jupiter.api.Test;

class SmokeTestEvaluationTest {

    private static final SmokeTest AT_LEAST_TEN = new SmokeTest("orders", "select count(*) from orders", 10L, null);
    private static final SmokeTest REVISION = new SmokeTest("revision", "select v from alembic_version", null, "7f3a");

    @Test
    void aCountThatReachesTheWantedOnePasses() {
        assertThat(SmokeTestEvaluation.evaluate(AT_LEAST_TEN, "10").verdict()).isEqualTo(Verdict.PASS);
        assertThat(SmokeTestEvaluation.evaluate(AT_LEAST_TEN, "9").verdict()).isEqualTo(Verdict.FAIL);
        assertThat(SmokeTestEvaluation.evaluate(AT_LEAST_TEN, "10.5").verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void anEmptyAnswerFailsAndSaysSo() {
        Check check = SmokeTestEvaluation.evaluate(AT_LEAST_TEN, null);

        assertThat(check).isEqualTo(new Check("orders", "at least 10", "nothing", Verdict.FAIL));
    }

    @Test
    void anAnswerThatIsNoNumberDoesNotReachACount() {
        assertThat(SmokeTestEvaluation.evaluate(AT_LEAST_TEN, "many").verdict()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void anEqualityComparesTheTextExactly() {
        assertThat(SmokeTestEvaluation.evaluate(REVISION, "7f3a").verdict()).isEqualTo(Verdict.PASS);
        assertThat(SmokeTestEvaluation.evaluate(REVISION, "7F3A").verdict()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void sqlThatCannotBeRunIsAFailedCheckWithTheError() {
        Check check = SmokeTestEvaluation.failed(AT_LEAST_TEN, "relation \"orders\" does not exist");

        assertThat(check.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(check.observed()).contains("does not exist");
    }
}
