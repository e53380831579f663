package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.activities.postgres.ChainStory.Expectation;
import dev.lifeboat.activities.postgres.ChainStory.Moment;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.BackupEntry;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Range;
import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.Window;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.ProvenPoint;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.pitrrecovery.PlannedRecovery;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One recovery after the other on one cluster, to random points of random timelines, abandoned ones too; what is found is
 * compared with what was seen there. The default build goes through one short chain;
 * {@code -Dlifeboat.thorough=true} through six of five recoveries, {@code -Dlifeboat.seed=N} through one of five again.
 */
@Tag("any-engine")
class RecoveryChainIT {

    private static final boolean THOROUGH = Boolean.getBoolean("lifeboat.thorough");
    private static final Long SEED = Long.getLong("lifeboat.seed");
    private static final int ROUNDS = THOROUGH || SEED != null ? 5 : 2;

    /** Of a series each size of segments has its turn; which one is gone through by default is chance. */
    static LongStream seeds() {
        if (SEED != null) {
            return LongStream.of(SEED);
        }
        Random random = new Random();
        int chains = THOROUGH ? Integer.getInteger("lifeboat.chains", 6) : 1;
        int first = random.nextInt(Chain.SEGMENT_MIB.size());
        return IntStream.range(0, chains).mapToLong(i -> {
            int wanted = Chain.SEGMENT_MIB.get((first + i) % Chain.SEGMENT_MIB.size());
            return LongStream.generate(() -> random.nextInt(1 << 24))
                    .filter(seed -> Chain.of(seed, ROUNDS).segmentMib() == wanted)
                    .findFirst()
                    .orElseThrow();
        });
    }

    @ParameterizedTest(name = "-Dlifeboat.seed={0}")
    @MethodSource("seeds")
    @Timeout(value = 8, unit = java.util.concurrent.TimeUnit.MINUTES)
    void everyPointOfEveryTimelineStaysWithinReachAndIsReachedExactly(long seed) throws Exception {
        Chain chain = Chain.of(seed, ROUNDS);
        System.out.printf(
                "RecoveryChainIT: %d recoveries in a row, segments of %d MiB: -Dlifeboat.seed=%d%s%n",
                chain.rounds().size(),
                chain.segmentMib(),
                seed,
                THOROUGH || SEED != null ? "" : " makes it five; -Dlifeboat.thorough=true goes through six chains");
        List<String> told = new ArrayList<>();
        try (ChainWorld world = new ChainWorld(chain.segmentMib())) {
            for (Chain.Round round : chain.rounds()) {
                go(world, round, new Random(seed), told);
            }
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "-Dlifeboat.seed=%d: %s%n%s".formatted(seed, e.getMessage(), String.join("\n", told)), e);
        }
    }

    private static void go(ChainWorld world, Chain.Round round, Random random, List<String> told) throws Exception {
        told.add("on timeline %d: %s, then %s".formatted(world.story.current(), round.acts(), round.ending()));
        for (Chain.Act act : round.acts()) {
            world.perform(act);
        }
        world.end(round.ending());
        Expectation wanted = world.story.expectation(round.wish());
        told.add("wanted along timeline %d: %s%s (%s of %d things seen there, the last at %s)"
                .formatted(
                        wanted.timeline(),
                        wanted.target(),
                        wanted.exclusive() ? " exclusive" : "",
                        wanted.last() + 1,
                        wanted.moments().size(),
                        world.story.now().lsn()));

        PlannedRecovery planned = world.plan(wanted, Placement.IN_PLACE);
        assertThat(planned.refusals()).isEmpty();
        told.add("planned: from %s along %s to %s, segments %s to %s"
                .formatted(
                        Objects.requireNonNull(planned.plan()).backup().id(),
                        planned.plan().path(),
                        planned.plan().stopLsn(),
                        planned.plan().firstSegment(),
                        planned.plan().lastSegment()));
        int newest = world.story.branches().lastKey();
        ProvenPoint proven = world.cluster.recover(world.cluster.order(planned));

        assertThat(world.state()).as("what is there").isEqualTo(wanted.state());
        assertThat(proven.point().timeline()).isEqualTo(newest + 1);
        wanted.lastCommitAt().ifPresent(last -> assertThat(proven.point().lastCommitAt())
                .as("last commit in")
                .isEqualTo(last));
        world.story.recovered(wanted, newest + 1);
        world.cluster.backUp();
        world.perform(Chain.Act.COMMIT);
        theCatalogueIsRight(world);
        whatWasSeenCanBeReached(world, random);
    }

    /** Right after a recovery: its timeline is listed from its own base backup on, and nothing is missing. */
    private static void theCatalogueIsRight(ChainWorld world) {
        List<BackupEntry> backups = world.cluster.catalog().listBackups("main");
        assertThat(backups).hasSize(world.cluster.backups());
        assertThat(backups.get(backups.size() - 1).timeline()).isEqualTo(world.story.current());
        Window window = await().atMost(Duration.ofMinutes(2))
                .until(() -> world.cluster.catalog().window("main"), found -> found.holes()
                        .isEmpty());
        assertThat(window.ranges()).extracting(Range::timeline).contains(world.story.current());
        for (Range range : window.ranges()) {
            assertThat(range.toLsn()).as("%s", range).isGreaterThan(range.fromLsn());
            List<Instant> commits = world.story.moments(range.timeline()).stream()
                    .filter(moment -> !moment.lsn().isAfter(range.toLsn()))
                    .map(Moment::committedAt)
                    .filter(Objects::nonNull)
                    .toList();
            Instant last = commits.isEmpty() ? Instant.EPOCH : commits.get(commits.size() - 1);
            assertThat(range.to() == null || range.to().equals(last) || last.isBefore(range.from()))
                    .as("%s ends with %s", range, last)
                    .isTrue();
        }
    }

    /** Also on what was left behind, and with what is only on the disk. */
    private static void whatWasSeenCanBeReached(ChainWorld world, Random random) {
        for (int timeline : world.story.branches().keySet()) {
            List<Moment> moments = world.story.moments(timeline);
            for (Chain.Kind kind : List.of(Chain.Kind.AT_TIME, Chain.Kind.LSN)) {
                int index = random.nextInt(moments.size());
                world.story.expectation(kind, timeline, moments, index).ifPresent(wanted -> reach(world, wanted));
            }
            Expectation latest = world.story
                    .expectation(Chain.Kind.LATEST, timeline, moments, 0)
                    .orElseThrow();
            reach(world, latest);
        }
    }

    private static void reach(ChainWorld world, Expectation wanted) {
        PlannedRecovery planned = world.plan(wanted, Placement.DRILL);
        assertThat(planned.refusals())
                .as("%s on timeline %d", wanted.target(), wanted.timeline())
                .isEmpty();
        Lsn stop = Objects.requireNonNull(planned.plan()).stopLsn();
        if (!(wanted.target() instanceof RecoveryTarget.Latest)) {
            assertThat(stop)
                    .as("%s on timeline %d", wanted.target(), wanted.timeline())
                    .isNotNull();
            // A position is that of the next record, behind the header of a page perhaps.
            assertThat(Objects.requireNonNull(stop).plus(40)).isGreaterThanOrEqualTo(wanted.after());
            if (wanted.last() + 1 < wanted.moments().size()) {
                assertThat(stop)
                        .isLessThan(wanted.moments().get(wanted.last() + 1).lsn());
            }
        }
    }
}
