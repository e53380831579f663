package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.RetentionFacts.BackupFact;
import dev.lifeboat.activities.postgres.RetentionFacts.DumpFact;
import dev.lifeboat.activities.postgres.RetentionFacts.Fact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFact;
import dev.lifeboat.config.LifeboatConfig.Retention;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What may go and what stays, decided from facts alone. Whatever the configuration says, the newest two of a kind, the newest
 * proved one, what is pinned and what is younger than the grace time stay; and nothing goes while there is a reason in
 * {@link #blocked}, and no dump while it is not clear whether a run reads one. A backup of which something is missing, or whose time is yet to come, takes no other's place.
 *
 * @param blocked sentences; empty when what is said to go may go
 * @param dumps   with the reasons to keep each; none for one that goes
 * @param backups the same
 * @param wal     by system identifier
 */
record RetentionPlan(
        List<String> blocked,
        Map<DumpFact, Set<String>> dumps,
        Map<BackupFact, Set<String>> backups,
        List<WalRetention> wal) {

    /** Whatever the configuration says. */
    private static final int NEVER_FEWER = 2;

    private static final Comparator<Fact> BY_AGE =
            Comparator.comparing(Fact::startedAt).thenComparing(Fact::id);

    static RetentionPlan decide(RetentionFacts facts, Retention retention) {
        List<String> blocked = new ArrayList<>(facts.holders());
        blocked.addAll(facts.doubts());
        Map<DumpFact, Set<String>> dumps = new LinkedHashMap<>();
        Map<String, List<DumpFact>> byDatabase = new TreeMap<>();
        facts.dumps().forEach(dump -> byDatabase
                .computeIfAbsent(dump.database(), any -> new ArrayList<>())
                .add(dump));
        byDatabase.values().forEach(each -> dumps.putAll(dumps(each, facts.now(), retention)));
        dumps.values().forEach(reasons -> reasons.addAll(facts.unclear()));
        Map<BackupFact, Set<String>> backups = new LinkedHashMap<>();
        Map<String, List<BackupFact>> bySystem = new TreeMap<>();
        facts.wal().forEach(wal -> bySystem.put(wal.systemId(), new ArrayList<>()));
        facts.backups().forEach(backup -> bySystem.computeIfAbsent(backup.systemId(), any -> new ArrayList<>())
                .add(backup));
        bySystem.forEach(
                (systemId, each) -> backups.putAll(backups(each, wal(facts, systemId), facts.now(), retention)));
        return new RetentionPlan(
                List.copyOf(blocked), dumps, backups, wal(facts, retention, backup -> !reasons(backups, backup)
                        .isEmpty()));
    }

    /**
     * Which WAL goes while these base backups are there: also one that is to go and has not gone needs what follows it.
     *
     * @param isThere of every base backup
     */
    static List<WalRetention> wal(RetentionFacts facts, Retention retention, Predicate<BackupFact> isThere) {
        Set<String> systemIds = new TreeSet<>();
        facts.wal().forEach(each -> systemIds.add(each.systemId()));
        facts.backups().forEach(each -> systemIds.add(each.systemId()));
        return systemIds.stream()
                .map(systemId -> WalRetention.decide(
                        wal(facts, systemId),
                        facts.backups().stream()
                                .filter(backup -> backup.systemId().equals(systemId))
                                .filter(isThere)
                                .toList(),
                        facts.now(),
                        retention.walBeyondOldest(),
                        retention.grace()))
                .toList();
    }

    private static WalFact wal(RetentionFacts facts, String systemId) {
        return facts.wal().stream()
                .filter(found -> found.systemId().equals(systemId))
                .findFirst()
                .orElseGet(() -> new WalFact(systemId, List.of(), Map.of()));
    }

    boolean isBlocked() {
        return !blocked.isEmpty();
    }

    /** Oldest first. */
    List<Fact> going() {
        List<Fact> going = new ArrayList<>();
        dumps.forEach((dump, reasons) -> {
            if (reasons.isEmpty()) {
                going.add(dump);
            }
        });
        backups.forEach((backup, reasons) -> {
            if (reasons.isEmpty()) {
                going.add(backup);
            }
        });
        going.sort(BY_AGE);
        return going;
    }

    boolean keeps(Fact fact) {
        Set<String> reasons = fact instanceof DumpFact dump
                ? dumps.getOrDefault(dump, Set.of())
                : backups.getOrDefault((BackupFact) fact, Set.of());
        return !reasons.isEmpty();
    }

    private static Map<DumpFact, Set<String>> dumps(List<DumpFact> of, Instant now, Retention retention) {
        return judged(of, now, kept -> {
            protect(kept, retention.dumps().latest(), now, retention.grace());
            Generation.keep(kept, retention.dumps());
        });
    }

    private static Map<BackupFact, Set<String>> backups(
            List<BackupFact> of, WalFact wal, Instant now, Retention retention) {
        return judged(of, now, kept -> {
            protect(kept, retention.baseBackupLatest(), now, retention.grace());
            WindowRetention.keep(kept, wal, now.minus(retention.baseBackupWindow()));
        });
    }

    /** With those that count for nothing, and without: what stays by either stays. */
    private static <F extends Fact> Map<F, Set<String>> judged(
            List<F> of, Instant now, Consumer<Map<F, Set<String>>> rules) {
        Map<F, Set<String>> kept = inOrder(of);
        rules.accept(kept);
        List<F> counting = of.stream().filter(each -> counts(each, now)).toList();
        if (counting.size() < of.size()) {
            Map<F, Set<String>> without = inOrder(counting);
            rules.accept(without);
            without.forEach((fact, reasons) -> reasons(kept, fact).addAll(reasons));
        }
        return kept;
    }

    /** A clock that was wrong dates backups into the future, where they would be the newest for years. */
    static boolean counts(Fact fact, Instant now) {
        return fact.whole() && !fact.startedAt().isAfter(now.plus(RetentionFactsReader.CLOCKS_APART));
    }

    private static <F extends Fact> Map<F, Set<String>> inOrder(List<F> of) {
        Map<F, Set<String>> kept = new LinkedHashMap<>();
        of.stream().sorted(BY_AGE).forEach(each -> kept.put(each, new LinkedHashSet<>()));
        return kept;
    }

    /** What no configuration can let go. */
    private static <F extends Fact> void protect(Map<F, Set<String>> kept, int latest, Instant now, Duration grace) {
        List<F> all = new ArrayList<>(kept.keySet());
        int number = Math.max(NEVER_FEWER, latest);
        for (F each : all.subList(Math.max(0, all.size() - number), all.size())) {
            reasons(kept, each).add("one of the newest " + number);
        }
        all.stream().filter(each -> each.provedAt() != null).max(BY_AGE).ifPresent(each -> reasons(kept, each)
                .add("the newest that is proved"));
        for (F each : all) {
            if (each.pinned()) {
                reasons(kept, each).add("pinned");
            }
            if (!each.madeAt().isBefore(now.minus(grace))) {
                reasons(kept, each).add("younger than the grace time " + ExpiryItems.span(grace));
            }
        }
    }

    static <F> Set<String> reasons(Map<F, Set<String>> kept, F fact) {
        return Objects.requireNonNull(kept.get(fact));
    }
}
