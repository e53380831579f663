package dev.lifeboat.activities.postgres;

import dev.lifeboat.lab.store.Fault;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** {@code docs/store-faults.md} as a test found things to be. */
final class FaultPage {

    static final String COMMAND =
            "./mvnw -Pengines -pl lab -am verify -Dit.test=StoreFaultsIT -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dfailsafe.failIfNoSpecifiedTests=false -Dlifeboat.rewrite=true";

    private static final Set<String> IN_THE_BACKGROUND =
            Set.of("WAL archived", "index of WAL written", "evidence: step logs");
    private static final Set<String> BY_ITSELF = Set.of("ridden out", "waits", "slower");

    private static final String HEAD =
            """
            # What a store can do to Lifeboat

            Every way on which Lifeboat and the bucket meet, under every fault a store or the network before it can show. A test stands a
            proxy before MinIO, lets it spoil the requests of one way, and looks at what the product's own classes make of it, on the base
            backup, the dump and the WAL of a small real cluster. This page is written by that test, and the test fails when it is not so any more.

            In **every** cell it is asserted, whatever became of the attempt: no wrong bytes are accepted; nothing is called done that is not
            durable in the bucket; PostgreSQL hears "archived" only of a segment that is there, whole; a lease is given to one run only; a
            segment or history file is never called absent to a server in recovery because of a fault; a directory that is restored in half
            cannot be started; there is no manifest without all the objects that it names. And afterwards, with the fault gone, the same call again does it.

            ## Two requests meet the fault, then it is gone

            * **ridden out**: the attempt itself asks again (a request is sent up to 4 times, and what does not fit its digest is read up to 3 times), and the result is intact.
            * **next attempt: CODE**: this attempt of the step fails; Temporal tries again by itself, and that one succeeds.
            * **stops: CODE**: no machine tries again, since only a person can change it. The run waits; after `lifeboat retry` the result is intact.
            * **waits**: work in the background that goes on trying by itself, and gets there. **slower**: nothing else happens.

            """;

    private static final String STAYS =
            """

            ## Every request meets the fault

            * **next attempt: CODE**: the step is tried again for minutes, then the run asks a person; nothing is lost meanwhile.
            * **stops: CODE**: at once. The sentence names the store's answer, the hint says what to do.
            * **waits**: the archiver keeps each segment on disk and PostgreSQL hears no yes (health and `doctor` show why); a server in
              recovery waits for its WAL; a step's log comes later. For ever, if need be.

            """;

    private static final String TAIL =
            """

            ## What stands behind the codes

            | code | who goes on | what to do |
            |---|---|---|
            | `OBJECT_STORE_UNREACHABLE` | the machine | nothing; if it lasts, repair the way to the bucket |
            | `CREDENTIALS_EXPIRED` | a person | renew what `bucket.access-key` and `bucket.secret-key` point to. A `file:` is read anew by itself; after a change of `env:`, or of what AWS's default chain finds, start the worker again; then `retry` |
            | `CREDENTIALS_REFUSED` | a person | the key is unknown, or may not do this. Bytes that were changed on their way to the store look the same: their signature does not fit |
            | `CLOCK_SKEWED` | a person | set the clock of the worker's host right. The sentence names both clocks |
            | `BACKUP_DAMAGED`, `WAL_DAMAGED`, `UNEXPECTED_STATE` | a person | the bytes are not those that were written, and were not when they were read again. An intact copy or an older object version; see the [runbook](../runbooks/pitr-recovery/README.md) |

            `BUCKET_UNUSABLE` (no such bucket, another region, a store without conditional writes) is found by `doctor` and has no column here.

            ## What is not covered

            * A **list** carries no checksum in S3. One that is cut or garbled is no XML and is refused; a single changed digit in a name that is still
              XML would be believed. TLS keeps that from happening: use an `https` endpoint on a network that is not yours.
            * The pauses between requests are shortened in the test; how often is asked is not.
            * Slowness is tried with a few megabytes. A store that is silent for 15 s within one answer is given up, and asked again where it broke.

            Written by `StoreFaultsIT`. To write it anew: `%s`.
            """;

    private final List<String> ways;
    private final Set<Fault> faults;
    private final Map<String, Map<Fault, String>> passing = new LinkedHashMap<>();
    private final Map<String, Map<Fault, String>> staying = new LinkedHashMap<>();
    private final Collection<String> broken = ConcurrentHashMap.newKeySet();

    FaultPage(List<String> ways, Set<Fault> faults) {
        this.ways = ways;
        this.faults = faults;
        for (String way : ways) {
            passing.put(way, Collections.synchronizedMap(new EnumMap<>(Fault.class)));
            staying.put(way, Collections.synchronizedMap(new EnumMap<>(Fault.class)));
        }
    }

    /** Where one cell says what it found. */
    final class Note {
        private final Map<Fault, String> row;
        private final Fault fault;

        private Note(Map<Fault, String> row, Fault fault) {
            this.row = row;
            this.fault = fault;
        }

        void of(String outcome) {
            row.put(fault, outcome);
        }

        void broken(String what) {
            row.put(fault, "broken");
            broken.add(what);
        }
    }

    Note passing(String way, Fault fault) {
        return new Note(passing.getOrDefault(way, Map.of()), fault);
    }

    Note staying(String way, Fault fault) {
        return new Note(staying.getOrDefault(way, Map.of()), fault);
    }

    List<String> broken() {
        return List.copyOf(broken);
    }

    String text() {
        return HEAD + table(passing) + STAYS + table(staying) + TAIL.formatted(COMMAND);
    }

    /** Of those that were looked at; a page that has no such table lacks them all. */
    List<String> cellsNotIn(List<String> page) {
        List<String> missing = new ArrayList<>();
        missing.addAll(cellsNotIn(page, "## Two requests", passing));
        missing.addAll(cellsNotIn(page, "## Every request", staying));
        return missing;
    }

    private List<String> cellsNotIn(List<String> page, String section, Map<String, Map<Fault, String>> found) {
        List<String> missing = new ArrayList<>();
        int from = 0;
        while (from < page.size() && !page.get(from).startsWith(section)) {
            from++;
        }
        List<String> rows = page.subList(from, page.size());
        for (String way : ways) {
            List<String> cells = rows.stream()
                    .filter(row -> row.startsWith("| " + way + " |"))
                    .findFirst()
                    .map(row -> List.of(row.substring(2, row.length() - 2).split(" \\| ")))
                    .orElse(List.of());
            for (Fault fault : faults) {
                int column = fault.ordinal() + 1;
                String said = column < cells.size() ? cells.get(column) : "nothing";
                String is = found.getOrDefault(way, Map.of()).getOrDefault(fault, "nothing");
                if (!isSame(way, said, is)) {
                    missing.add("%s, %s, %s: the page says '%s', it is '%s'"
                            .formatted(section.substring(3), way, fault.title(), said, is));
                }
            }
        }
        return missing;
    }

    /** Work in the background gets there by itself: whether it was seen to wait meanwhile is a matter of the moment. */
    private static boolean isSame(String way, String said, String is) {
        return said.equals(is) || IN_THE_BACKGROUND.contains(way) && BY_ITSELF.containsAll(List.of(said, is));
    }

    /** Everything but the cells. */
    static List<String> words(List<String> page) {
        return page.stream().filter(line -> !line.startsWith("| ")).toList();
    }

    private String table(Map<String, Map<Fault, String>> cells) {
        String heads = faults.stream().map(Fault::title).collect(Collectors.joining(" | "));
        StringBuilder text = new StringBuilder("| way | " + heads + " |\n|---" + "|---".repeat(faults.size()) + "|\n");
        cells.forEach((way, row) -> text.append("| ")
                .append(way)
                .append(" | ")
                .append(faults.stream()
                        .map(fault -> row.getOrDefault(fault, ""))
                        .collect(Collectors.joining(" | ")))
                .append(" |\n"));
        return text.toString();
    }
}
