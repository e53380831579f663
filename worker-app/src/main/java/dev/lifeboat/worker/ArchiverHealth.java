package dev.lifeboat.worker;

import dev.lifeboat.activities.postgres.ArchiverStatus;
import dev.lifeboat.activities.postgres.PostgresRole;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** How far the WAL archive of each served cluster is behind. */
final class ArchiverHealth implements HealthIndicator {

    private final Roles roles;

    ArchiverHealth(Roles roles) {
        this.roles = roles;
    }

    @Override
    public Health health() {
        Map<String, Object> clusters = new TreeMap<>();
        boolean failing = false;
        for (Map.Entry<String, PostgresRole> entry : roles.postgres().entrySet()) {
            ArchiverStatus status = entry.getValue().archiver();
            clusters.put(entry.getKey(), details(status));
            failing |= status.active() && status.lastError() != null;
        }
        return (failing ? Health.down() : Health.up()).withDetails(clusters).build();
    }

    private static Map<String, Object> details(ArchiverStatus status) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("active", status.active());
        details.put("ready", status.ready());
        details.put("oldestReady", status.oldestReady().toString());
        details.put("lastArchived", String.valueOf(status.lastArchived()));
        details.put("lastArchivedAt", String.valueOf(status.lastArchivedAt()));
        if (status.lastError() != null) {
            details.put("lastError", status.lastError());
        }
        return details;
    }
}
