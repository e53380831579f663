package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveCluster;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveState;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.Space;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.WalSegment;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryPlan;
import dev.lifeboat.workflows.runbook.pitrrecovery.PlannedRecovery;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Random trees of timelines, whole and unfinished segments, with and without an index: every record is found and planned for. */
class TimelineTreeTest {

    private static final Long SEED = Long.getLong("lifeboat.seed");
    private static final Instant T0 = Instant.parse("2026-02-15T12:00:00Z");
    private static final int FIRST = 3;
    private static final int SEGMENTS = 6;

    /**
     * @param time  of a transaction's end
     * @param point name of the restore point that it is; empty for others
     */
    private record Event(
            int timeline, boolean commit, boolean abort, Instant time, long xid, Lsn start, Lsn end, String point) {
        boolean isTransaction() {
            return commit || abort;
        }
    }

    private static final class Branch {
        private final int timeline;
        private final String history;
        private final WalBytes wal;
        private final List<Event> path;
        private final long firstSegment;
        private boolean full;

        Branch(int timeline, String history, WalBytes wal, List<Event> inherited, long firstSegment) {
            this.timeline = timeline;
            this.history = history;
            this.wal = wal;
            this.path = new ArrayList<>(inherited);
            this.firstSegment = firstSegment;
        }

        long segment() {
            return wal.end().value() >> 20;
        }
    }

    private final List<Branch> branches = new ArrayList<>();
    private final WalArchive archive =
            new WalArchive(new InMemoryObjectStore(), "main", Long.toString(WalBytes.SYSTEM));
    private int clock;
    private long xid = 100;

    @Provide
    Arbitrary<Long> seeds() {
        return SEED == null ? Arbitraries.longs().between(0, 1 << 24) : Arbitraries.just(SEED);
    }

    @Property(tries = 12, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
    void everyTransactionOfEveryBranchIsFoundAndCanBeRecoveredTo(@ForAll("seeds") long seed) {
        // jqwik keeps one instance for all of its tries.
        new TimelineTreeTest().check(seed);
    }

    private void check(long seed) {
        Random random = new Random(seed);
        grow(random);
        archive(random.nextBoolean());
        WalCatalog catalog = new WalCatalog(archive, WalBytes.SIZE, null);

        for (Branch branch : branches) {
            for (int i = 0; i < 6 && !branch.path.isEmpty(); i++) {
                Event event = branch.path.get(random.nextInt(branch.path.size()));
                boolean exclusive = random.nextBoolean();
                byTime(catalog, branch, event, exclusive);
                if (event.isTransaction()) {
                    reached(catalog, branch, new RecoveryTarget.AtXid(event.xid()), exclusive, event);
                }
                reached(catalog, branch, new RecoveryTarget.AtLsn(event.start()), exclusive, event);
            }
            branch.path.stream()
                    .map(Event::point)
                    .filter(name -> !name.isEmpty())
                    .distinct()
                    .forEach(name -> newestOf(catalog, branch, name));
        }
    }

    /** By its name where no other is met first, by its position where one is and something follows the newest. */
    private void newestOf(WalCatalog catalog, Branch branch, String name) {
        List<Event> points =
                branch.path.stream().filter(each -> each.point().equals(name)).toList();
        Event newest = points.get(points.size() - 1);
        boolean goesOn = branch.wal.end().isAfter(newest.end())
                || branches.get(newest.timeline() - 1).wal.end().isAfter(newest.end());
        RecoveryTarget target = new RecoveryTarget.AtRestorePoint(name);

        PlannedRecovery planned = plan(catalog, branch, target, false);

        if (points.size() > 1 && !goesOn) {
            assertThat(planned.refusals())
                    .extracting(RecoveryFailure::code)
                    .as("%s on timeline %d", name, branch.timeline)
                    .containsExactly(FailureCode.TARGET_BEYOND_WAL);
            return;
        }
        RecoveryPlan plan = planOf(planned, branch, newest);
        assertThat(plan.target()).isEqualTo(points.size() > 1 ? new RecoveryTarget.AtLsn(newest.end()) : target);
        assertThat(plan.exclusive()).isEqualTo(points.size() > 1);
        assertThat(plan.stopLsn()).isEqualTo(newest.end());
        lastCommit(plan, branch, newest.end());
    }

    /** PostgreSQL would end recovery there, or take an ancestor's file of that number and replay what was left behind. */
    @Property(tries = 12, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
    void whereAnySegmentIsLostNothingIsPlannedThatNeedsIt(@ForAll("seeds") long seed) {
        new TimelineTreeTest().loseOne(seed);
    }

    private void loseOne(long seed) {
        Random random = new Random(seed);
        grow(random);
        archive(random.nextBoolean());
        List<String> segments = archive.names().values().stream()
                .flatMap(Collection::stream)
                .filter(WalSegmentSize::isSegmentName)
                .toList();
        if (segments.isEmpty()) {
            return;
        }
        String lost = segments.get(random.nextInt(segments.size()));
        archive.store().delete(archive.key(lost));
        WalCatalog catalog = new WalCatalog(archive, WalBytes.SIZE, null);

        for (Branch branch : branches) {
            for (Event event : branch.path) {
                RecoveryPlan plan = plan(catalog, branch, new RecoveryTarget.AtLsn(event.start()), true)
                        .plan();
                if (plan != null) {
                    assertThat(needed(plan)).as("%s without %s", event, lost).doesNotContain(lost);
                }
            }
        }
    }

    /** Of each segment that is replayed to its end, the file of the timeline that holds this end. */
    private static List<String> needed(RecoveryPlan plan) {
        List<String> names = new ArrayList<>();
        for (long number = FIRST;
                number < WalBytes.SIZE.parse(plan.lastSegment()).number();
                number++) {
            Lsn end = new Lsn((number + 1) << 20);
            int timeline = plan.path().stream()
                    .filter(leg -> leg.until() == null || !end.isAfter(leg.until()))
                    .findFirst()
                    .orElseThrow()
                    .timeline();
            names.add(WalBytes.SIZE.nameOf(new WalSegment(timeline, number)));
        }
        return names;
    }

    private void byTime(WalCatalog catalog, Branch branch, Event event, boolean exclusive) {
        Optional<Event> stop = branch.path.stream()
                .filter(Event::isTransaction)
                .filter(each -> each.time().isAfter(event.time())
                        || exclusive && each.time().equals(event.time()))
                .findFirst();
        PlannedRecovery planned = plan(catalog, branch, new RecoveryTarget.AtTime(event.time()), exclusive);
        boolean commitFollows = stop.isPresent()
                && branch.path.stream()
                        .anyMatch(each -> each.commit()
                                && !each.start().isBefore(stop.get().start()));
        // An abort stops a recovery as well, and counts only where a commit of either branch follows it.
        if (stop.isEmpty() || !commitFollows && !planned.refusals().isEmpty()) {
            assertThat(planned.refusals())
                    .extracting(RecoveryFailure::code)
                    .as("%s on timeline %d", event.time(), branch.timeline)
                    .containsExactly(FailureCode.TARGET_BEYOND_WAL);
            return;
        }
        RecoveryPlan plan = planOf(planned, branch, event);
        assertThat(plan.stopLsn())
                .as("%s on timeline %d", event.time(), branch.timeline)
                .isEqualTo(stop.get().start());
        lastCommit(plan, branch, stop.get().start());
    }

    private void reached(WalCatalog catalog, Branch branch, RecoveryTarget target, boolean exclusive, Event event) {
        RecoveryPlan plan = planOf(plan(catalog, branch, target, exclusive), branch, event);

        assertThat(plan.stopLsn())
                .as("%s on timeline %d", target, branch.timeline)
                .isEqualTo(exclusive ? event.start() : event.end());
        lastCommit(plan, branch, exclusive ? event.start() : event.end());
    }

    private static RecoveryPlan planOf(PlannedRecovery planned, Branch branch, Event event) {
        assertThat(planned.refusals())
                .as("%s on timeline %d", event, branch.timeline)
                .isEmpty();
        RecoveryPlan plan = Objects.requireNonNull(planned.plan());
        assertThat(plan.timeline()).isLessThanOrEqualTo(branch.timeline);
        return plan;
    }

    private static void lastCommit(RecoveryPlan plan, Branch branch, Lsn until) {
        Optional<Instant> last = branch.path.stream()
                .filter(Event::commit)
                .filter(each -> each.start().isBefore(until))
                .map(Event::time)
                .reduce((first, second) -> second);
        last.ifPresent(time -> assertThat(plan.lastCommitAt()).isEqualTo(time));
    }

    private void grow(Random random) {
        branches.add(new Branch(1, "", new WalBytes(1, FIRST, SEGMENTS), List.of(), FIRST));
        append(branches.get(0), random, 0);
        for (int i = 0; i < 150; i++) {
            Branch branch = branches.get(random.nextInt(branches.size()));
            if (branch.full) {
                continue;
            }
            if (branches.size() < 5 && random.nextInt(25) == 0) {
                fork(branch);
            } else {
                append(branch, random, random.nextInt(11));
            }
            branch.full = branch.segment() >= FIRST + SEGMENTS - 2;
        }
    }

    private void fork(Branch parent) {
        int timeline = branches.size() + 1;
        String history = parent.history + parent.timeline + "\t" + parent.wal.end() + "\tat a time\n";
        branches.add(new Branch(timeline, history, parent.wal.forkedAs(timeline), parent.path, parent.segment()));
    }

    private void append(Branch branch, Random random, int what) {
        WalBytes wal = branch.wal;
        Lsn start = wal.next();
        Instant time = T0.plusSeconds(++clock);
        switch (what) {
            case 0, 1, 2, 3 -> {
                wal.commit(++xid, time);
                branch.path.add(new Event(branch.timeline, true, false, time, xid, start, wal.end(), ""));
            }
            case 4 -> {
                wal.abort(++xid, time);
                branch.path.add(new Event(branch.timeline, false, true, time, xid, start, wal.end(), ""));
            }
            case 10 -> {
                String name = "point " + random.nextInt(2);
                wal.restorePoint(name, time);
                branch.path.add(new Event(branch.timeline, false, false, time, 0, start, wal.end(), name));
            }
            case 5, 6 -> wal.noise(1 + random.nextInt(60_000));
            case 7 -> {
                if (wal.end().value() % (1 << 20) < 900_000) {
                    wal.fillUntil(16 + 8 * random.nextInt(5));
                }
            }
            default -> wal.switchSegment();
        }
    }

    private void archive(boolean indexed) {
        WalIndexer indexer = new WalIndexer(archive);
        for (Branch branch : branches) {
            if (!branch.history.isEmpty()) {
                archive.store(
                        "%08X.history".formatted(branch.timeline), branch.history.getBytes(StandardCharsets.UTF_8));
            }
            for (long segment = branch.firstSegment; segment < branch.segment(); segment++) {
                archive.store(branch.wal.name(segment), branch.wal.segment(segment));
                if (indexed) {
                    indexer.add(branch.wal.name(segment), branch.wal.segment(segment));
                }
            }
            if (branch.wal.end().value() % (1 << 20) > 0) {
                byte[] unfinished = branch.wal.segment(branch.segment());
                archive.store(WalSalvage.partialName(branch.wal.name(branch.segment()), unfinished), unfinished);
            }
        }
        indexer.flush();
    }

    private PlannedRecovery plan(WalCatalog catalog, Branch branch, RecoveryTarget target, boolean exclusive) {
        BaseBackup backup = new BaseBackup(
                "b",
                "main",
                archive.systemId(),
                150_000,
                1,
                new Lsn(FIRST << 20),
                new Lsn((FIRST << 20) + 40),
                T0.minusSeconds(9),
                T0.minusSeconds(5),
                1,
                1,
                1,
                null);
        RecoveryFacts facts = new RecoveryFacts(
                "main",
                archive.systemId(),
                WalBytes.SIZE,
                List.of(backup),
                catalog.timelines(),
                catalog.locate(target, exclusive),
                new LiveCluster(LiveState.GONE, "/srv/pg/main", 150_000, 5432),
                new Space(1L << 40, 1),
                List.of(),
                List.of(),
                T0.plusSeconds(100_000));
        PitrRecoveryInput input = new PitrRecoveryInput(
                new RunRequest(
                        "ana", "", true, false, new Objectives(Duration.ofHours(1), Duration.ofHours(1)), Map.of()),
                "main",
                target,
                exclusive,
                Integer.toString(branch.timeline),
                null,
                Placement.DRILL,
                null,
                0);
        return PitrRecoveryPlan.decide(input, facts);
    }
}
