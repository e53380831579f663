package dev.lifeboat.workflows.contract.postgres;

/**
 * An activity's answer that carries a {@link StepOutcome}, so that one interceptor can note for all of them at which
 * attempt it succeeded.
 */
public interface Outcome<T> {

    StepOutcome outcome();

    T withOutcome(StepOutcome noted);
}
