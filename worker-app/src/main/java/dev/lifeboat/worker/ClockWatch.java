package dev.lifeboat.worker;

import dev.lifeboat.workflows.contract.postgres.Outcome;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Measures one attempt by a clock that nobody can set, and by how far the other one strayed from it meanwhile. */
final class ClockWatch {

    private final LongSupplier wallMillis;
    private final LongSupplier nanos;
    private final long wallAtBegin;
    private final long nanosAtBegin;

    ClockWatch() {
        this(System::currentTimeMillis, System::nanoTime);
    }

    ClockWatch(LongSupplier wallMillis, LongSupplier nanos) {
        this.wallMillis = wallMillis;
        this.nanos = nanos;
        this.wallAtBegin = wallMillis.getAsLong();
        this.nanosAtBegin = nanos.getAsLong();
    }

    /** The same answer, with both noted in its outcome. */
    <T> Object noted(Outcome<T> answer) {
        long took = TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong() - nanosAtBegin);
        long jump = wallMillis.getAsLong() - wallAtBegin - took;
        return answer.withOutcome(answer.outcome().withTimes(took, jump));
    }
}
