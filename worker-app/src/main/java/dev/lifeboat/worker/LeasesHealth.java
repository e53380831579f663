package dev.lifeboat.worker;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.List;
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
        for (String target : store.listFolders(BucketLayout.LEASES)) {
            List<StoredObject> leases = store.list(BucketLayout.LEASES + target + "/");
            leases.stream()
                    .map(StoredObject::key)
                    .filter(key -> !key.endsWith(".end.json"))
                    .reduce((first, second) -> second)
                    .filter(newest -> leases.stream()
                            .noneMatch(object -> object.key().equals(newest.replace(".json", ".end.json"))))
                    .ifPresent(newest -> held.put(target, newest.replaceFirst(".*/0*(\\d+)\\.json$", "$1")));
        }
        return held;
    }
}
