package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What hung on the cluster as it was, and is not in the recovered one.
 *
 * @param standbys             who streamed from it
 * @param slots                replication slots; a base backup has none
 * @param preparedTransactions two-phase transactions that waited for their second phase
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record Stranded(List<Standby> standbys, List<String> slots, List<String> preparedTransactions) {

    static final Stranded NOTHING = new Stranded(List.of(), List.of(), List.of());

    /** One JSON document of that shape. */
    static final String SQL =
            """
            select json_build_object(
              'standbys', %s,
              'slots', (select coalesce(json_agg(slot_name), '[]') from pg_replication_slots where not temporary),
              'preparedTransactions', (select coalesce(json_agg(gid), '[]') from pg_prepared_xacts))"""
                    .formatted(Standby.SQL);

    /** What a data directory still shows of them while no server runs in it; standbys leave no trace. */
    static Stranded readFrom(Path dataDirectory) {
        return new Stranded(
                List.of(),
                names(dataDirectory.resolve("pg_replslot")),
                names(dataDirectory.resolve("pg_twophase")).stream()
                        .map(file -> "xid " + Long.parseLong(file, 16))
                        .toList());
    }

    /** Prepared transactions by name are preferred to those by number, which are the same ones. */
    Stranded and(Stranded other) {
        return new Stranded(
                union(standbys, other.standbys),
                union(slots, other.slots),
                preparedTransactions.isEmpty() ? other.preparedTransactions : preparedTransactions);
    }

    /** @param fork where the recovered cluster left the timeline that was live; empty when it is not known */
    List<Finding> findings(Optional<TimelineHistory.Fork> fork) {
        List<Finding> findings = new ArrayList<>(Standby.findings(standbys, fork));
        if (!slots.isEmpty()) {
            findings.add(new Finding(
                    "high",
                    "%d replication slot(s) are not in the recovered cluster: %s"
                            .formatted(slots.size(), String.join(", ", slots)),
                    "create them again; a logical subscriber must copy its tables anew"));
        }
        if (!preparedTransactions.isEmpty()) {
            findings.add(
                    new Finding(
                            "medium",
                            "%d prepared transaction(s) waited for their second phase when the cluster was closed: %s"
                                    .formatted(preparedTransactions.size(), String.join(", ", preparedTransactions)),
                            "compare with pg_prepared_xacts now; those that are gone must be told to their transaction manager"));
        }
        return findings;
    }

    private static <T> List<T> union(List<T> one, List<T> other) {
        Set<T> all = new LinkedHashSet<>(one);
        all.addAll(other);
        return List.copyOf(all);
    }

    private static List<String> names(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.map(path -> path.getFileName().toString())
                    .filter(name -> !name.contains("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
