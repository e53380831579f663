package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far production has gone on since the dump, in rows. An information and never a failure: what a dump must hold is what
 * its own snapshot held. Asks little of the live server: it counts small tables, takes the planner's word for large ones,
 * and gives up on what takes long.
 */
final class ProductionComparison {

    static final String CHECK = "rows within 1 % of production now (information)";

    private static final long COUNTED_ROWS = 1_000_000;
    private static final Duration ALL = Duration.ofSeconds(30);
    private static final int NAMED = 5;
    private static final String ESTIMATES =
            "select n.nspname || '.' || c.relname, c.reltuples::bigint from pg_catalog.pg_class c"
                    + " join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r'";

    private final ClusterAccess live;
    private final DumpManifest manifest;
    private final Watch watch;

    ProductionComparison(ClusterAccess access, DumpManifest manifest, Watch watch) {
        this.live = access.inDatabase(manifest.database());
        this.manifest = manifest;
        this.watch = watch;
    }

    record Compared(List<Check> checks, List<Finding> findings) {}

    Compared compare() {
        List<String> apart = new ArrayList<>();
        int looked = 0;
        long deadline = System.nanoTime() + ALL.toNanos();
        try (Connection connection = live.connect();
                Statement statement = connection.createStatement()) {
            connection.setReadOnly(true);
            statement.execute("set statement_timeout = '5s'");
            statement.execute("set lock_timeout = '1s'");
            Map<String, Long> estimates = estimates(statement);
            for (Table table : manifest.facts().tables()) {
                watch.check();
                if (System.nanoTime() > deadline) {
                    break;
                }
                String name = table.schema() + "." + table.name();
                Long estimate = estimates.get(name);
                Long now = estimate == null ? Long.valueOf(-1) : rows(statement, table, estimate);
                if (now == null) {
                    continue;
                }
                looked++;
                if (now < 0) {
                    apart.add(name + " is not there any more");
                } else if (isApart(table.rows(), now)) {
                    apart.add("%s has %d, the dump %d".formatted(name, now, table.rows()));
                }
            }
        } catch (SQLException e) {
            return notMeasured("production did not answer: " + LiveServer.firstLine(String.valueOf(e.getMessage())));
        }
        int all = manifest.facts().tables().size();
        if (looked == 0) {
            return notMeasured(
                    "none of %s could be counted in time".formatted(ReportWords.count(all, "table", "tables")));
        }
        return apart.isEmpty() ? near(looked, all) : apart(looked, all, apart);
    }

    static boolean isApart(long dumped, long now) {
        return Math.abs(now - dumped) * 100 > Math.max(dumped, now);
    }

    private static Compared near(int looked, int all) {
        return new Compared(
                List.of(Check.of(
                        CHECK,
                        "every table",
                        "%d of %s looked at, all near".formatted(looked, ReportWords.count(all, "table", "tables")),
                        true)),
                List.of());
    }

    private static Compared apart(int looked, int all, List<String> apart) {
        String named = String.join(", ", apart.subList(0, Math.min(NAMED, apart.size())))
                + (apart.size() > NAMED ? ", and %d more".formatted(apart.size() - NAMED) : "");
        return new Compared(
                List.of(),
                List.of(new Finding(
                        "low",
                        "production has gone on since the dump: of %s that could be looked at (of %d) %d %s more than 1 %% apart: %s"
                                .formatted(
                                        ReportWords.count(looked, "table", "tables"),
                                        all,
                                        apart.size(),
                                        apart.size() == 1 ? "is" : "are",
                                        named),
                        "no failure: the dump holds what its snapshot held; more frequent dumps lose less")));
    }

    private static Compared notMeasured(String why) {
        return new Compared(List.of(new Check(CHECK, "every table", why, Verdict.NOT_MEASURED)), List.of());
    }

    private static Map<String, Long> estimates(Statement statement) throws SQLException {
        Map<String, Long> found = new HashMap<>();
        try (ResultSet row = statement.executeQuery(ESTIMATES)) {
            while (row.next()) {
                found.put(row.getString(1), row.getLong(2));
            }
        }
        return found;
    }

    /** Null for a table that took too long, or is locked. */
    private static @Nullable Long rows(Statement statement, Table table, long estimate) {
        if (estimate > COUNTED_ROWS) {
            return estimate;
        }
        String name = '"' + table.schema().replace("\"", "\"\"") + "\".\""
                + table.name().replace("\"", "\"\"") + '"';
        try (ResultSet row = statement.executeQuery("select count(*) from only " + name)) {
            return row.next() ? row.getLong(1) : null;
        } catch (SQLException e) {
            return null;
        }
    }
}
