package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** Recoveries in place during which something is killed, one after the other on one world, each compared row by row. */
final class KilledRuns implements AutoCloseable {

    private static final long SEED = Long.getLong("lifeboat.seed", 20261121L);

    /**
     * Killed before the first of them was begun, or after the last that tells who did it: no worker is missed, and the
     * report rightly counts no resume.
     */
    private static final Set<String> AT_THE_EDGES = Set.of(
            "PostgresRecoveryGatherFacts", "PostgresRecoveryRemoveCopy", "LeaseReleaseLease", "EvidenceWriteReport");

    private static final String LAST_THAT_TELLS = "PostgresRecoveryRemoveCopy";
    private static final String RUN = "pitr-recovery/main";

    private final World world = World.start();
    private final TemporalEye eye = new TemporalEye(world.lab());

    /**
     * All of them with the real engines; else a sample that a seed takes.
     *
     * @param test says what was left out
     */
    static Stream<String> sample(Class<?> test, List<String> activities, int number) {
        return EngineChoice.ofBuild() == EngineChoice.REAL
                ? activities.stream()
                : sample(test, activities, number, "-Pengines");
    }

    /** All of them in the thorough form, with any engine; else a sample that a seed takes. */
    static Stream<String> sampleUnlessThorough(Class<?> test, List<String> activities, int number) {
        return Boolean.getBoolean("lifeboat.thorough")
                ? activities.stream()
                : sample(test, activities, number, "-Dlifeboat.thorough=true");
    }

    private static Stream<String> sample(Class<?> test, List<String> activities, int number, String takenWith) {
        List<String> shuffled = new ArrayList<>(activities);
        Collections.shuffle(shuffled, new Random(SEED));
        System.out.println("%s: seed %d kills the worker in %s; left out here and taken with %s: %s"
                .formatted(
                        test.getSimpleName(),
                        SEED,
                        shuffled.subList(0, number),
                        takenWith,
                        shuffled.subList(number, shuffled.size())));
        return shuffled.subList(0, number).stream();
    }

    World world() {
        return world;
    }

    void killWorkerIn(String activity) {
        AtomicBoolean late = new AtomicBoolean();
        recoverWhile(activity, () -> {
            world.lab().worker().kill();
            late.set(eye.isDone(RUN, LAST_THAT_TELLS));
            world.lab().worker().start();
            // The run may have ended before it was killed, and the tool asks the next one for the report.
            world.lab().worker().awaitServing();
        });
        if (!AT_THE_EDGES.contains(activity) && !late.get()) {
            assertThat(report().path("resumes").asInt())
                    .as(report().toPrettyString())
                    .isPositive();
        }
    }

    void recoverWhile(String activity, Runnable trouble) {
        // A case that failed in the middle must not make the next one fail too.
        world.load().goOn();
        Instant moment = world.goodMoment();
        world.load().pause();
        world.succeeds(
                "start",
                "pitr-recovery",
                "--cluster",
                Lab.CLUSTER,
                "--target",
                moment.toString(),
                "--reason",
                "trouble in " + activity,
                "--yes",
                "--detach");
        eye.awaitActivity(RUN, activity);

        trouble.run();

        eye.awaitEnd(RUN, Duration.ofMinutes(5));
        World.assertPassed(report());
        world.assertRowsAt(moment);
        assertThat(report().path("workers").size()).isPositive();
        world.ledger().givesUp(moment, Instant.now());
        world.load().goOn();
    }

    private JsonNode report() {
        return World.json(world.succeeds("report", RUN, "-o", "json").output());
    }

    @Override
    public void close() {
        eye.close();
        world.close();
    }
}
