package dev.lifeboat.workflows.contract.evidence;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was looked at, what was wanted and what was seen.
 *
 * @param seenToFail when it last failed on purpose; null where nobody keeps account of that
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Check(String name, String expected, String observed, Verdict verdict, @Nullable SeenToFail seenToFail) {

    public Check(String name, String expected, String observed, Verdict verdict) {
        this(name, expected, observed, verdict, null);
    }

    public static Check of(String name, String expected, String observed, boolean passed) {
        return new Check(name, expected, observed, passed ? Verdict.PASS : Verdict.FAIL);
    }

    public Check withSeenToFail(SeenToFail seen) {
        return new Check(name, expected, observed, verdict, seen);
    }
}
