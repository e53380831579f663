package dev.lifeboat.worker;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.worker.metrics.NewestLease;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Which targets are held, and by which lease. Holding one is no illness. */
final class LeasesHealth implements HealthIndicator {

    private final Roles roles;

    LeasesHealth(Roles roles) {
        this.roles = roles;
    }

    @Override
    public Health health() {
        if (roles.store().isEmpty()) {
            return Health.up().build();
        }
        try {
            return Health.up().withDetail("held", held(roles.store().get())).build();
        } catch (RecoveryFailure e) {
            return Health.unknown()
                    .withDetail("problem", String.valueOf(e.getMessage()))
                    .build();
        }
    }

    private static Map<String, String> held(ObjectStore store) {
        Map<String, String> held = new TreeMap<>();
        NewestLease.all(store).stream()
                .filter(NewestLease::held)
                .forEach(lease -> held.put(lease.target(), String.valueOf(lease.number())));
        return held;
    }
}
