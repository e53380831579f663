package dev.lifeboat.lab.load;

import dev.lifeboat.lab.load.Ledger.Entry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The orders that a database really holds: their ids and the hash of their content. */
public record Rows(Map<Long, String> hashes) {

    /** How what is there differs from what must be there; every list is empty when it does not. */
    public record Difference(int compared, List<Long> missing, List<Long> unexpected, List<Long> changed) {

        public boolean isNone() {
            return missing.isEmpty() && unexpected.isEmpty() && changed.isEmpty();
        }

        @Override
        public String toString() {
            return isNone()
                    ? compared + " rows compared, all equal"
                    : "%d rows compared: %d missing %s, %d unexpected %s, %d changed %s"
                            .formatted(
                                    compared,
                                    missing.size(),
                                    few(missing),
                                    unexpected.size(),
                                    few(unexpected),
                                    changed.size(),
                                    few(changed));
        }

        private static String few(List<Long> ids) {
            return ids.stream().sorted().limit(5).toList().toString();
        }
    }

    public static Rows read(Connection connection) throws SQLException {
        Map<Long, String> hashes = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select id, md5(customer || '|' || amount_cents || '|' || note) from orders")) {
            while (rows.next()) {
                hashes.put(rows.getLong(1), rows.getString(2));
            }
        }
        return new Rows(Map.copyOf(hashes));
    }

    /**
     * Compares each row with the ledger.
     *
     * @param expected exactly what must be there
     * @param inDoubt  what may be there, with this content: nobody was told whether it was committed
     */
    public Difference compare(Map<Long, Entry> expected, Map<Long, String> inDoubt) {
        List<Long> missing = new ArrayList<>();
        List<Long> unexpected = new ArrayList<>();
        List<Long> changed = new ArrayList<>();
        expected.forEach((id, entry) -> {
            String hash = hashes.get(id);
            if (hash == null) {
                missing.add(id);
            } else if (!hash.equals(entry.hash())) {
                changed.add(id);
            }
        });
        hashes.forEach((id, hash) -> {
            if (!expected.containsKey(id) && !hash.equals(inDoubtHash(inDoubt, id))) {
                unexpected.add(id);
            }
        });
        return new Difference(expected.size(), missing, unexpected, changed);
    }

    private static @Nullable String inDoubtHash(Map<Long, String> inDoubt, long id) {
        return inDoubt.get(id);
    }
}
