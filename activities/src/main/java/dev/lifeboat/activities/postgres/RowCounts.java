package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.Progress;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Counts the rows of many tables on several connections at once, the largest first. */
final class RowCounts {

    /** So many small tables in a row, then what was locked to plan their statements is let go. */
    private static final int AT_ONCE = 100;

    private static final int LARGE_PAGES = 128;

    private final List<Connection> connections;
    private final Watch watch;
    private final Map<DumpedRelation, Long> counted = new ConcurrentHashMap<>();
    private final Queue<List<DumpedRelation>> work = new ConcurrentLinkedQueue<>();
    private final Set<Statement> running = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    RowCounts(List<Connection> connections, Watch watch) {
        this.connections = connections;
        this.watch = watch;
    }

    /** All or none: the first table that cannot be counted ends it. To be called once. */
    Map<DumpedRelation, Long> count(List<DumpedRelation> tables) throws SQLException, InterruptedException {
        work.addAll(batches(tables));
        ExecutorService pool = Executors.newFixedThreadPool(connections.size(), task -> {
            Thread thread = new Thread(task, "count-rows");
            thread.setDaemon(true);
            return thread;
        });
        try {
            ExecutorCompletionService<Boolean> ended = new ExecutorCompletionService<>(pool);
            connections.forEach(connection -> ended.submit(() -> countOn(connection)));
            int open = connections.size();
            while (open > 0) {
                Future<Boolean> finished = ended.poll(200, TimeUnit.MILLISECONDS);
                watch.progress(new Progress("counting rows", counted.size(), tables.size(), "tables"));
                watch.check();
                if (finished != null) {
                    result(finished);
                    open--;
                }
            }
            return Map.copyOf(counted);
        } finally {
            stop(pool);
        }
    }

    static List<List<DumpedRelation>> batches(List<DumpedRelation> tables) {
        List<List<DumpedRelation>> batches = new ArrayList<>();
        List<DumpedRelation> small = new ArrayList<>();
        List<DumpedRelation> largestFirst = tables.stream()
                .sorted(Comparator.comparingLong(DumpedRelation::pages).reversed())
                .toList();
        for (DumpedRelation table : largestFirst) {
            if (table.pages() >= LARGE_PAGES) {
                batches.add(List.of(table));
            } else {
                small.add(table);
            }
        }
        for (int from = 0; from < small.size(); from += AT_ONCE) {
            batches.add(List.copyOf(small.subList(from, Math.min(from + AT_ONCE, small.size()))));
        }
        return batches;
    }

    private boolean countOn(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            running.add(statement);
            try {
                countAll(connection, statement);
            } finally {
                running.remove(statement);
            }
        }
        return true;
    }

    private void countAll(Connection connection, Statement statement) throws SQLException {
        for (List<DumpedRelation> batch = work.poll(); batch != null && !stopped; batch = work.poll()) {
            // The planner locks every index, which a transaction would keep to its end.
            Savepoint before = connection.getAutoCommit() ? null : connection.setSavepoint();
            for (DumpedRelation table : batch) {
                count(statement, table);
            }
            if (before != null) {
                connection.rollback(before);
                connection.releaseSavepoint(before);
            }
        }
    }

    private void count(Statement statement, DumpedRelation table) throws SQLException {
        if (stopped) {
            return;
        }
        // Not those of its children: they are tables of their own.
        try (ResultSet row = statement.executeQuery(
                "select pg_catalog.count(*) from only %s %s".formatted(table.quoted(), table.condition()))) {
            row.next();
            counted.put(table, row.getLong(1));
        } catch (SQLException e) {
            throw new SQLException(
                    "cannot count the rows of %s: %s".formatted(table.named(), e.getMessage()), e.getSQLState(), e);
        }
    }

    private static void result(Future<Boolean> finished) throws SQLException, InterruptedException {
        try {
            finished.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** When this returns nobody uses the connections any more. */
    private void stop(ExecutorService pool) {
        stopped = true;
        pool.shutdown();
        boolean interrupted = false;
        while (!pool.isTerminated()) {
            try {
                if (!pool.awaitTermination(20, TimeUnit.MILLISECONDS)) {
                    running.forEach(RowCounts::cancel);
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException e) {
            // It has ended, or its connection is gone: either way it does not go on.
        }
    }
}
