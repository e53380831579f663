package dev.lifeboat.activities.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits a tiny transaction now and then, so that an idle database has a commit to stop after: recovery to a time finds
 * none otherwise. What goes wrong is logged once and harms nobody.
 */
final class MarkerWriter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(MarkerWriter.class);

    private final ClusterAccess access;
    private final Thread thread;
    private boolean failing;

    MarkerWriter(ClusterAccess access) {
        this.access = access;
        this.thread = new Thread(this::run, "marker-writer");
        thread.setDaemon(true);
    }

    void start() {
        Duration interval = access.cluster().markerInterval();
        if (!interval.isZero() && !interval.isNegative()) {
            thread.start();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(access.cluster().markerInterval().toMillis());
                write();
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void write() {
        // A session that stayed open would be in the way of who stops or quiesces the server.
        try (Connection connection = access.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set statement_timeout = '3s'");
            try (ResultSet row = statement.executeQuery(
                    "update lifeboat.marker set at = clock_timestamp() returning at::timestamptz")) {
                if (row.next()) {
                    LastSight.write(
                            access.folder(),
                            access.user(),
                            row.getObject(1, java.time.OffsetDateTime.class).toInstant());
                }
            }
            failing = false;
        } catch (SQLException | RuntimeException e) {
            if (!failing) {
                log.info(
                        "no marker written to {} for now ('lifeboat setup postgres {} --apply' makes its table): {}",
                        access.cluster().name(),
                        access.cluster().name(),
                        e.getMessage());
                failing = true;
            }
        }
    }
}
