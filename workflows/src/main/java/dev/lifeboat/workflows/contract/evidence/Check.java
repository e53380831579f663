package dev.lifeboat.workflows.contract.evidence;

/** One thing that was looked at, what was wanted and what was seen. */
public record Check(String name, String expected, String observed, Verdict verdict) {

    public static Check of(String name, String expected, String observed, boolean passed) {
        return new Check(name, expected, observed, passed ? Verdict.PASS : Verdict.FAIL);
    }
}
