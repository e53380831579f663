package dev.lifeboat.activities.postgres;

import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.sessions.JqwikSession;

/**
 * What happens to a cluster: rounds of work, each of which ends in a disaster and a recovery. All of it follows from one
 * number, so that a chain which went wrong can be gone through again.
 */
record Chain(long seed, int segmentMib, List<Round> rounds) {

    /** Small ones make many borders to get wrong, 16 MiB is what PostgreSQL takes by itself, 64 what large clusters take. */
    static final List<Integer> SEGMENT_MIB = List.of(1, 4, 16, 64);

    enum Act {
        COMMIT,
        BIG_COMMIT,
        SAVEPOINTS,
        ROLLBACK,
        PREPARE,
        FINISH_PREPARED,
        CREATE_TABLE,
        DROP_TABLE,
        RESTORE_POINT,
        SWITCH_SEGMENT,
        CHECKPOINT,
        RESTART,
        KILL_AND_START,
        BACK_UP
    }

    /** How the recovery finds the cluster. */
    enum Ending {
        RUNNING,
        STOPPED,
        KILLED,
        GONE
    }

    /** How the point is named. */
    enum Kind {
        AT_TIME,
        BETWEEN_TIMES,
        BEFORE_TIME,
        LSN,
        XID,
        BEFORE_XID,
        RESTORE_POINT,
        LATEST
    }

    /** Which of all points that can be reached, as parts of 1000: the timeline, and how far along it. */
    record Wish(Kind kind, int timeline, int place) {}

    record Round(List<Act> acts, Ending ending, Wish wish) {}

    static Chain of(long seed, int rounds) {
        // Outside of a property of its own, jqwik's generators want a session.
        Chain[] made = new Chain[1];
        JqwikSession.run(() -> made[0] = Combinators.combine(
                        Arbitraries.of(SEGMENT_MIB), round().list().ofSize(rounds))
                .as((mib, made1) -> new Chain(seed, mib, made1))
                .generator(1000)
                .next(new Random(seed))
                .value());
        return made[0];
    }

    private static Arbitrary<Round> round() {
        return Combinators.combine(acts(), ending(), wish()).as(Round::new);
    }

    private static Arbitrary<List<Act>> acts() {
        return Arbitraries.frequency(
                        Tuple.of(12, Act.COMMIT),
                        Tuple.of(2, Act.BIG_COMMIT),
                        Tuple.of(3, Act.SAVEPOINTS),
                        Tuple.of(3, Act.ROLLBACK),
                        Tuple.of(2, Act.PREPARE),
                        Tuple.of(3, Act.FINISH_PREPARED),
                        Tuple.of(1, Act.CREATE_TABLE),
                        Tuple.of(1, Act.DROP_TABLE),
                        Tuple.of(3, Act.RESTORE_POINT),
                        Tuple.of(3, Act.SWITCH_SEGMENT),
                        Tuple.of(1, Act.CHECKPOINT),
                        Tuple.of(1, Act.RESTART),
                        Tuple.of(1, Act.KILL_AND_START),
                        Tuple.of(1, Act.BACK_UP))
                .list()
                .ofMinSize(10)
                .ofMaxSize(25);
    }

    private static Arbitrary<Ending> ending() {
        return Arbitraries.frequency(
                Tuple.of(5, Ending.RUNNING),
                Tuple.of(1, Ending.STOPPED),
                Tuple.of(3, Ending.KILLED),
                Tuple.of(1, Ending.GONE));
    }

    private static Arbitrary<Wish> wish() {
        return Combinators.combine(
                        Arbitraries.frequency(
                                Tuple.of(3, Kind.AT_TIME),
                                Tuple.of(2, Kind.BETWEEN_TIMES),
                                Tuple.of(2, Kind.BEFORE_TIME),
                                Tuple.of(3, Kind.LSN),
                                Tuple.of(2, Kind.XID),
                                Tuple.of(2, Kind.BEFORE_XID),
                                Tuple.of(2, Kind.RESTORE_POINT),
                                Tuple.of(2, Kind.LATEST)),
                        Arbitraries.integers().between(0, 999),
                        Arbitraries.integers().between(0, 999))
                .as(Wish::new);
    }
}
