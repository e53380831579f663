package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Sequence;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Compares a restored database with what its dump held when it was taken. Nothing restored is never right: no table and no
 * row are failures, whatever the manifest says.
 */
final class DumpChecks {

    /** Of what differs, so that a report stays readable. */
    private static final int NAMED = 5;

    private DumpChecks() {}

    /** @param expected of the dump's manifest; {@code observed} of the restored copy */
    static List<Check> compare(DatabaseFacts expected, DatabaseFacts observed) {
        List<Check> checks = new ArrayList<>();
        checks.add(tables(expected, observed));
        checks.add(rows(expected, observed));
        checks.add(same(
                "extensions",
                byName(expected.extensions(), each -> each.name(), each -> each.version()),
                byName(observed.extensions(), each -> each.name(), each -> each.version())));
        checks.add(sequences(expected, observed));
        if (!expected.revisions().isEmpty() || !observed.revisions().isEmpty()) {
            checks.add(same(
                    "schema revision",
                    byName(expected.revisions(), each -> each.tool() + " " + each.table(), each -> each.revision()),
                    byName(observed.revisions(), each -> each.tool() + " " + each.table(), each -> each.revision())));
        }
        checks.add(Check.of(
                "large objects",
                Long.toString(expected.largeObjects()),
                Long.toString(observed.largeObjects()),
                expected.largeObjects() == observed.largeObjects()));
        return List.copyOf(checks);
    }

    /** All that can be said of a dump without a manifest: that there is something, and that nobody knows whether all. */
    static List<Check> withoutManifest(DatabaseFacts observed) {
        long rows = rows(observed);
        int tables = observed.tables().size();
        return List.of(
                Check.of("tables", "at least 1", Integer.toString(tables), tables > 0),
                Check.of("rows", "at least 1", Long.toString(rows), rows > 0),
                new Check(
                        "exact row counts",
                        "those of the dump's manifest",
                        "it has none: %s in %s were restored"
                                .formatted(
                                        ReportWords.count(rows, "row", "rows"),
                                        ReportWords.count(tables, "table", "tables")),
                        Verdict.NOT_MEASURED));
    }

    /** Only the tables of these names, with schema or without; what else a database has is not looked at then. */
    static List<Check> compareTables(DatabaseFacts expected, DatabaseFacts observed, Collection<String> names) {
        DatabaseFacts wanted = only(expected, names);
        DatabaseFacts found = only(observed, names);
        return List.of(tables(wanted, found), rows(wanted, found));
    }

    static DatabaseFacts only(DatabaseFacts facts, Collection<String> names) {
        List<Table> tables = facts.tables().stream()
                .filter(table -> names.contains(table.name()) || names.contains(nameOf(table)))
                .toList();
        return new DatabaseFacts(tables, List.of(), List.of(), null, List.of(), 0);
    }

    private static Check tables(DatabaseFacts expected, DatabaseFacts observed) {
        Map<String, String> wanted = byName(expected.tables(), DumpChecks::nameOf, each -> "");
        Map<String, String> found = byName(observed.tables(), DumpChecks::nameOf, each -> "");
        List<String> missing = wanted.keySet().stream()
                .filter(name -> !found.containsKey(name))
                .toList();
        List<String> more = found.keySet().stream()
                .filter(name -> !wanted.containsKey(name))
                .toList();
        String observedWords = Integer.toString(found.size());
        if (!missing.isEmpty()) {
            observedWords += "; missing: " + some(missing);
        }
        if (!more.isEmpty()) {
            observedWords += "; not in the dump: " + some(more);
        }
        String expectedWords =
                wanted.isEmpty() ? "at least 1, and the dump says none" : Integer.toString(wanted.size());
        return Check.of(
                "tables",
                expectedWords,
                observedWords,
                !wanted.isEmpty() && !found.isEmpty() && missing.isEmpty() && more.isEmpty());
    }

    private static Check rows(DatabaseFacts expected, DatabaseFacts observed) {
        Map<String, Long> found = observed.tables().stream()
                .collect(Collectors.toMap(DumpChecks::nameOf, Table::rows, (first, second) -> first));
        List<String> differing = expected.tables().stream()
                .filter(table -> !Objects.equals(found.get(nameOf(table)), table.rows()))
                .map(table -> "%s has %s, not %d"
                        .formatted(
                                nameOf(table),
                                found.containsKey(nameOf(table)) ? found.get(nameOf(table)) : "no table",
                                table.rows()))
                .toList();
        long wanted = rows(expected);
        String observedWords = Long.toString(rows(observed));
        if (!differing.isEmpty()) {
            observedWords += "; " + some(differing);
        }
        return Check.of(
                "exact row counts",
                wanted == 0 ? "at least 1 row, and the dump says none" : wanted + " rows, table by table",
                observedWords,
                wanted > 0 && differing.isEmpty() && rows(observed) > 0);
    }

    /** They obey no snapshot: a dump reads them after its manifest did, so they may stand further on, and never further back. */
    private static Check sequences(DatabaseFacts expected, DatabaseFacts observed) {
        Map<String, Sequence> found = observed.sequences().stream()
                .collect(Collectors.toMap(DumpChecks::nameOf, each -> each, (first, second) -> first));
        List<String> differing = new ArrayList<>();
        for (Sequence wanted : expected.sequences()) {
            Sequence seen = found.remove(nameOf(wanted));
            if (seen == null) {
                differing.add(nameOf(wanted) + " is missing");
            } else if (!hasReached(seen, wanted)) {
                differing.add("%s stands at %s, not at %s".formatted(nameOf(wanted), stand(seen), stand(wanted)));
            }
        }
        found.keySet().stream().sorted().forEach(name -> differing.add(name + " is not in the dump"));
        int count = expected.sequences().size();
        String words = count == 0 ? "none" : count + ", each where it stood or further";
        return Check.of("sequences", words, differing.isEmpty() ? words : some(differing), differing.isEmpty());
    }

    private static boolean hasReached(Sequence seen, Sequence wanted) {
        if (seen.last() == wanted.last()) {
            return seen.called() || !wanted.called();
        }
        // Those that count down begin at -1; what they were made with is not in the manifest.
        boolean down = seen.last() < 0 && wanted.last() < 0;
        return down ? seen.last() < wanted.last() : seen.last() > wanted.last();
    }

    private static Check same(String name, Map<String, String> expected, Map<String, String> observed) {
        List<String> differing = new ArrayList<>();
        expected.forEach((key, value) -> {
            String seen = observed.get(key);
            if (seen == null) {
                differing.add(key + " is missing");
            } else if (!seen.equals(value)) {
                differing.add("%s is %s, not %s".formatted(key, seen, value));
            }
        });
        observed.keySet().stream()
                .filter(key -> !expected.containsKey(key))
                .forEach(key -> differing.add(key + " is not in the dump"));
        String wanted = expected.isEmpty()
                ? "none"
                : some(expected.entrySet().stream()
                        .map(each -> each.getKey() + " " + each.getValue())
                        .toList());
        return Check.of(name, wanted, differing.isEmpty() ? wanted : some(differing), differing.isEmpty());
    }

    private static <T> Map<String, String> byName(List<T> things, Function<T, String> name, Function<T, String> value) {
        return things.stream()
                .collect(Collectors.toMap(name, value, (first, second) -> first + " and " + second, TreeMap::new));
    }

    private static long rows(DatabaseFacts facts) {
        return facts.tables().stream().mapToLong(Table::rows).sum();
    }

    private static String nameOf(Table table) {
        return table.schema() + "." + table.name();
    }

    private static String nameOf(Sequence sequence) {
        return sequence.schema() + "." + sequence.name();
    }

    private static String stand(Sequence sequence) {
        return sequence.last() + (sequence.called() ? "" : " (not yet handed out)");
    }

    private static String some(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
                + (names.size() > NAMED ? ", and %d more".formatted(names.size() - NAMED) : "");
    }
}
