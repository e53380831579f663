package dev.lifeboat.workflows.contract.evidence;

/**
 * Something that an owner should look at after the run.
 *
 * @param severity {@code high}, {@code medium} or {@code low}
 * @param what     a sentence with the facts
 * @param hint     the next command; empty when there is none
 */
public record Finding(String severity, String what, String hint) {}
