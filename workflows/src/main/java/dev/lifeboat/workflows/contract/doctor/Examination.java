package dev.lifeboat.workflows.contract.doctor;

import dev.lifeboat.workflows.contract.evidence.Verdict;

/**
 * One thing that must be right on the day it is needed.
 *
 * @param subject where it was looked at: {@code temporal}, {@code bucket}, {@code postgres main}
 * @param todo    what to do about it; empty when it passed
 */
public record Examination(String subject, String name, String wanted, String found, Verdict verdict, String todo) {

    /** @param todo what to do when it did not pass */
    public static Examination of(
            String subject, String name, String wanted, String found, boolean passed, String todo) {
        return new Examination(subject, name, wanted, found, passed ? Verdict.PASS : Verdict.FAIL, passed ? "" : todo);
    }

    /** Something else must be mended first. */
    public static Examination notMeasured(String subject, String name, String wanted, String why) {
        return new Examination(subject, name, wanted, why, Verdict.NOT_MEASURED, "");
    }
}
