package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.SmokeTest;
import dev.lifeboat.workflows.contract.evidence.Check;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Compares what a configured smoke test returned with what its owner expects. */
final class SmokeTestEvaluation {

    private SmokeTestEvaluation() {}

    /** @param observed first column of the first row as text; null for no row or a null in it */
    static Check evaluate(SmokeTest test, @Nullable String observed) {
        String seen = observed == null ? "nothing" : observed;
        if (test.atLeast() != null) {
            return Check.of(test.name(), "at least " + test.atLeast(), seen, atLeast(observed, test.atLeast()));
        }
        String wanted = String.valueOf(test.equalTo());
        return Check.of(test.name(), wanted, seen, wanted.equals(observed));
    }

    /** The SQL itself could not be run, which is an answer too: the table may be gone. */
    static Check failed(SmokeTest test, String error) {
        String wanted = test.atLeast() != null ? "at least " + test.atLeast() : String.valueOf(test.equalTo());
        return Check.of(test.name(), wanted, error, false);
    }

    private static boolean atLeast(@Nullable String observed, long wanted) {
        if (observed == null) {
            return false;
        }
        try {
            return new BigDecimal(observed.strip()).compareTo(BigDecimal.valueOf(wanted)) >= 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
