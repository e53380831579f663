package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.postgres.RetentionFacts.BackupFact;
import dev.lifeboat.activities.postgres.RetentionFacts.DumpFact;
import dev.lifeboat.activities.postgres.RetentionFacts.Fact;
import dev.lifeboat.activities.postgres.RetentionFacts.Remains;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFile;
import dev.lifeboat.activities.postgres.RetentionFacts.WalKind;
import dev.lifeboat.config.LifeboatConfig.Generations;
import dev.lifeboat.config.LifeboatConfig.Retention;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Item;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What goes and what stays, for people: each backup with its reason, WAL in rows. */
record ExpiryItems(Retention retention) {

    static boolean concerns(Scope scope, Fact fact) {
        return scope == Scope.ALL || scope == (fact instanceof DumpFact ? Scope.DUMPS : Scope.BASE_BACKUPS);
    }

    static boolean concerns(Scope scope, Remains remains) {
        return scope == Scope.ALL || scope == (remains.kind().equals("dump") ? Scope.DUMPS : Scope.BASE_BACKUPS);
    }

    List<Item> going(RetentionFacts facts, RetentionPlan plan, Scope scope) {
        List<Item> items = new ArrayList<>();
        facts.remains().stream()
                .filter(each -> concerns(scope, each))
                .map(ExpiryItems::remains)
                .forEach(items::add);
        plan.going().stream()
                .filter(each -> concerns(scope, each))
                .map(this::goes)
                .forEach(items::add);
        if (scope != Scope.DUMPS) {
            plan.wal().forEach(wal -> items.addAll(rows(wal.going(), wal.why())));
        }
        return List.copyOf(items);
    }

    List<Item> kept(RetentionPlan plan, Scope scope) {
        List<Item> items = new ArrayList<>();
        add(items, plan.dumps(), scope);
        add(items, plan.backups(), scope);
        if (scope != Scope.DUMPS) {
            for (WalRetention wal : plan.wal()) {
                List<WalFile> segments = wal.kept().stream()
                        .filter(file -> file.kind() == WalKind.SEGMENT)
                        .toList();
                String why = wal.going().isEmpty() && segments.isEmpty()
                        ? "nothing there"
                        : "needed by a base backup that stays, or too young, or not understood";
                items.add(new Item(
                        "wal",
                        "of system " + wal.systemId(),
                        null,
                        segments.size(),
                        segments.stream().mapToLong(WalFile::bytes).sum(),
                        why));
            }
        }
        return List.copyOf(items);
    }

    private static <F extends Fact> void add(List<Item> items, Map<F, Set<String>> judged, Scope scope) {
        judged.forEach((fact, reasons) -> {
            if (!reasons.isEmpty() && concerns(scope, fact)) {
                items.add(item(fact, String.join(", ", reasons)));
            }
        });
    }

    Item goes(Fact fact) {
        if (fact instanceof BackupFact) {
            return item(
                    fact,
                    "older than the recovery window of %s, and no time in it needs this one"
                            .formatted(span(retention.baseBackupWindow())));
        }
        Generations dumps = retention.dumps();
        return item(
                fact,
                "not among the newest %d, nor the newest of one of the last %s, %s, %s, %s"
                        .formatted(
                                dumps.latest(),
                                ReportWords.count(dumps.daily(), "day", "days"),
                                ReportWords.count(dumps.weekly(), "week", "weeks"),
                                ReportWords.count(dumps.monthly(), "month", "months"),
                                ReportWords.count(dumps.yearly(), "year", "years")));
    }

    static Item item(Fact fact, String why) {
        String database = fact instanceof DumpFact dump ? dump.database() : null;
        return new Item(
                database == null ? "base-backup" : "dump", fact.id(), database, fact.objects(), fact.bytes(), why);
    }

    /** {@code 30 days}, {@code PT36H}. */
    static String span(Duration time) {
        return time.equals(Duration.ofDays(time.toDays()))
                ? ReportWords.count(time.toDays(), "day", "days")
                : time.toString();
    }

    static Item remains(Remains remains) {
        return new Item(
                remains.kind(),
                remains.id(),
                remains.database(),
                0,
                0,
                "its deletion was begun at %s and not finished".formatted(remains.expiringSince()));
    }

    /** @param files in the order of the log */
    static List<Item> rows(Collection<WalFile> files, String why) {
        Map<String, List<WalFile>> byTimeline = new LinkedHashMap<>();
        for (WalFile file : files) {
            String row = (file.kind() == WalKind.INDEX ? "wal-index " : "wal ")
                    + file.name().substring(0, 8);
            byTimeline.computeIfAbsent(row, any -> new ArrayList<>()).add(file);
        }
        return byTimeline.entrySet().stream()
                .map(entry -> {
                    List<WalFile> row = entry.getValue();
                    return new Item(
                            entry.getKey().split(" ")[0],
                            row.get(0).name() + " to " + row.get(row.size() - 1).name(),
                            null,
                            row.size(),
                            row.stream().mapToLong(WalFile::bytes).sum(),
                            why);
                })
                .toList();
    }
}
