package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Data that was made where text sorts by other rules: every byte is right, and an index on text finds too little. */
final class Collations {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String OTHER_COLLATIONS =
            """
            select 'database ' || datname from pg_database
              where datcollversion is distinct from pg_database_collation_actual_version(oid)
                and datcollversion is not null and datname = current_database()
            union all
            select 'collation ' || collname || ' of ' || current_database() from pg_collation
              where collversion is distinct from pg_collation_actual_version(oid) and collversion is not null
            order by 1""";

    private final CopySession session;

    Collations(CopySession session) {
        this.session = session;
    }

    /** @param databases those that can be connected to */
    List<Finding> findings(List<String> databases) {
        List<String> other = new ArrayList<>();
        for (String database : databases) {
            Commands.Result result = session.runAsSuperuser(database, OTHER_COLLATIONS, LIMIT);
            other.addAll(
                    result.succeeded()
                            ? result.output().lines().toList()
                            : List.of("database " + database + " (it did not say: "
                                    + LiveServer.firstLine(result.errors()) + ")"));
        }
        if (other.isEmpty()) {
            return List.of();
        }
        return List.of(
                new Finding(
                        "high",
                        "this host sorts text by other rules than the one that made the data: "
                                + String.join(", ", other.subList(0, Math.min(10, other.size()))),
                        "reindex what is sorted by text, then 'alter database … refresh collation version' (or 'alter collation')"));
    }
}
