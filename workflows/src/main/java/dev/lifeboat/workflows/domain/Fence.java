package dev.lifeboat.workflows.domain;

/**
 * The right to change a target, held in the bucket as a lease. Every activity that changes something compares it with
 * the newest lease first: a run that was forgotten, or woke up from a restored Temporal, holds an older number.
 *
 * @param target what is held, for example {@code main}, {@code main.drill} or {@code main.into-5499}
 * @param number grows by one with every lease of the target; never reused
 * @param runId  the Temporal run that holds it
 */
public record Fence(String target, long number, String runId) {}
