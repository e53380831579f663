package dev.lifeboat.workflows.runbook;

import java.util.Locale;

/** A step of a runbook, implemented by an enum whose constants stand in the order of {@code runbook.yaml}. */
public interface StepId {

    String name();

    /** Whether a person may go on without it after it failed. */
    boolean maySkip();

    /** As in {@code runbook.yaml}, in evidence and on the command line: {@code restore-base-backup}. */
    default String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
