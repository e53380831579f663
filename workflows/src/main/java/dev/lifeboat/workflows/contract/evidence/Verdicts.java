package dev.lifeboat.workflows.contract.evidence;

/** "Completed" is not "recovered": five answers per run. */
public record Verdicts(Verdict executed, Verdict verified, Verdict rto, Verdict rpo, Verdict clean) {}
