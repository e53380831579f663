package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.RetentionFacts.BackupFact;
import dev.lifeboat.activities.postgres.RetentionFacts.DumpFact;
import dev.lifeboat.activities.postgres.RetentionFacts.Fact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFile;
import dev.lifeboat.config.LifeboatConfig.Generations;
import dev.lifeboat.config.LifeboatConfig.Retention;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

/** Whatever the configuration and whatever happened to the cluster. */
class RetentionPropertiesTest {

    private static final Comparator<Fact> BY_AGE =
            Comparator.comparing(Fact::startedAt).thenComparing(Fact::id);

    @Property(tries = 500)
    void whatCouldBeReachedWithinTheWindowCanBeReachedAfterwards(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 40) int events,
            @ForAll("configurations") Retention retention,
            @ForAll @IntRange(max = 60) int daysLater) {
        WalStory story = new WalStory(seed, events);
        Instant now = story.end().plus(Duration.ofDays(daysLater));
        RetentionFacts facts = story.facts(now);

        Applied after = Applied.of(facts, retention);

        Instant begin = now.minus(retention.baseBackupWindow());
        Set<WalStory.Point> before =
                story.reachable(facts.backups(), facts.wal().get(0).files());
        Set<WalStory.Point> left = story.reachable(after.backups, after.wal);
        Set<WalStory.Point> lost = before.stream()
                .filter(point -> !point.time().isBefore(begin) && !left.contains(point))
                .collect(Collectors.toSet());
        Statistics.label("what went")
                .collect(
                        after.backups.size() < facts.backups().size() ? "base backups" : "no base backup",
                        after.wal.size() < facts.wal().get(0).files().size() ? "WAL" : "no WAL");
        assertThat(lost).as("%s, %s", seed, retention).isEmpty();
        protectedOnesAreLeft(facts.backups(), after.backups, retention, now);
    }

    /** They are the newest, and for years to come; two of them would leave nothing else. */
    @Property(tries = 200)
    void whatIsDatedIntoTheFutureOrIsNotWholeTakesNoOthersPlace(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 40) int events,
            @ForAll("configurations") Retention retention,
            @ForAll @IntRange(max = 60) int daysLater) {
        WalStory story = new WalStory(seed, events);
        Instant now = story.end().plus(Duration.ofDays(daysLater));
        RetentionFacts facts = story.facts(now);
        List<BackupFact> good = facts.backups().stream()
                .filter(backup -> backup.whole() && backup.startedAt().isBefore(now))
                .toList();

        Applied after = Applied.of(facts, retention);
        Applied alone = Applied.of(story.facts(now, good, facts.wal().get(0).files()), retention);

        assertThat(after.backups).containsAll(alone.backups);
        protectedOnesAreLeft(good, after.backups, retention, now);
    }

    @Property(tries = 200)
    void aSecondTimeNothingMoreGoes(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 40) int events,
            @ForAll("configurations") Retention retention,
            @ForAll @IntRange(max = 60) int daysLater) {
        WalStory story = new WalStory(seed, events);
        Instant now = story.end().plus(Duration.ofDays(daysLater));

        Applied once = Applied.of(story.facts(now), retention);
        Applied twice = Applied.of(story.facts(now, once.backups, once.wal), retention);

        assertThat(twice.backups).isEqualTo(once.backups);
        assertThat(twice.wal).containsExactlyInAnyOrderElementsOf(once.wal);
    }

    @Property(tries = 200)
    void whoAsksForMoreKeepsAllThatWasKeptBefore(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 40) int events,
            @ForAll("configurations") Retention retention,
            @ForAll @IntRange(max = 60) int daysLater,
            @ForAll @IntRange(max = 9) int more) {
        WalStory story = new WalStory(seed, events);
        RetentionFacts facts = story.facts(story.end().plus(Duration.ofDays(daysLater)));

        Applied less = Applied.of(facts, retention);
        Applied all = Applied.of(facts, larger(retention, more));

        assertThat(all.backups).containsAll(less.backups);
        assertThat(all.wal).containsAll(less.wal);
    }

    @Property(tries = 200)
    void ofDumpsTheProtectedOnesAreLeftAndASecondTimeNothingMoreGoes(
            @ForAll long seed,
            @ForAll @IntRange(max = 120) int number,
            @ForAll("configurations") Retention retention,
            @ForAll @IntRange(max = 400) int daysLater,
            @ForAll @IntRange(max = 9) int more) {
        List<DumpFact> dumps = dumps(seed, number);
        Instant now = WalStory.BEGIN.plus(Duration.ofDays(daysLater + 60L));

        List<DumpFact> once = keptDumps(dumps, now, retention);

        Map<String, List<DumpFact>> byDatabase = new HashMap<>();
        dumps.forEach(dump -> byDatabase
                .computeIfAbsent(dump.database(), any -> new ArrayList<>())
                .add(dump));
        byDatabase.values().forEach(each -> protectedOnesAreLeft(each, once, retention, now));
        assertThat(keptDumps(once, now, retention)).containsExactlyInAnyOrderElementsOf(once);
        assertThat(keptDumps(dumps, now, larger(retention, more))).containsAll(once);
    }

    private static <F extends Fact> void protectedOnesAreLeft(
            List<F> before, List<F> after, Retention retention, Instant now) {
        List<F> byAge = before.stream().sorted(BY_AGE).toList();
        assertThat(after).containsAll(byAge.subList(Math.max(0, byAge.size() - 2), byAge.size()));
        assertThat(after).containsAll(before.stream().filter(Fact::pinned).toList());
        assertThat(after)
                .containsAll(before.stream()
                        .filter(fact -> !fact.endedAt().isBefore(now.minus(retention.grace()))
                                || !stored(fact).isBefore(now.minus(retention.grace())))
                        .toList());
        byAge.stream()
                .filter(fact -> fact.provedAt() != null)
                .reduce((first, second) -> second)
                .ifPresent(newest -> assertThat(after).contains(newest));
    }

    private static Instant stored(Fact fact) {
        return Objects.requireNonNull(fact.storedAt());
    }

    private static List<DumpFact> keptDumps(List<DumpFact> dumps, Instant now, Retention retention) {
        RetentionFacts facts =
                new RetentionFacts(now, dumps, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
        RetentionPlan plan = RetentionPlan.decide(facts, retention);
        return dumps.stream().filter(plan::keeps).toList();
    }

    private static List<DumpFact> dumps(long seed, int number) {
        Random random = new Random(seed);
        List<DumpFact> dumps = new ArrayList<>();
        Instant at = WalStory.BEGIN;
        for (int i = 0; i < number; i++) {
            at = at.plus(Duration.ofHours(1 + random.nextInt(120)));
            String database = random.nextInt(3) == 0 ? "stock" : "shop";
            dumps.add(new DumpFact(
                    database + i,
                    database,
                    database + i + ".manifest.json",
                    at,
                    at.plusSeconds(600),
                    10,
                    2,
                    random.nextInt(6) == 0 ? at.plusSeconds(700) : null,
                    random.nextInt(10) == 0,
                    random.nextInt(10) > 0,
                    at,
                    null));
        }
        return dumps;
    }

    @Provide
    Arbitrary<Retention> configurations() {
        Arbitrary<Generations> generations = Combinators.combine(
                        Arbitraries.integers().between(0, 5),
                        Arbitraries.integers().between(0, 8),
                        Arbitraries.integers().between(0, 6),
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.integers().between(0, 2))
                .as(Generations::new);
        Arbitrary<Duration> hours = Arbitraries.integers().between(0, 900).map(Duration::ofHours);
        return Combinators.combine(
                        generations,
                        Arbitraries.integers().between(0, 5),
                        hours,
                        Arbitraries.integers().between(0, 200).map(Duration::ofHours),
                        Arbitraries.integers().between(0, 72).map(Duration::ofHours))
                .as(Retention::new);
    }

    private static Retention larger(Retention than, int more) {
        Generations dumps = than.dumps();
        return new Retention(
                new Generations(
                        dumps.latest() + more,
                        dumps.daily() + more,
                        dumps.weekly() + more,
                        dumps.monthly() + more,
                        dumps.yearly() + more),
                than.baseBackupLatest() + more,
                than.baseBackupWindow().plusDays(more),
                than.walBeyondOldest().plusDays(more),
                than.grace().plusDays(more));
    }

    /** What is left when all has gone that goes. */
    private record Applied(List<BackupFact> backups, List<WalFile> wal) {

        static Applied of(RetentionFacts facts, Retention retention) {
            RetentionPlan plan = RetentionPlan.decide(facts, retention);
            assertThat(plan.isBlocked()).isFalse();
            return new Applied(
                    facts.backups().stream().filter(plan::keeps).toList(),
                    plan.wal().stream().flatMap(wal -> wal.kept().stream()).toList());
        }
    }
}
