package dev.lifeboat.worker;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Whether the bucket can be read. */
final class BucketHealth implements HealthIndicator {

    private final Roles roles;

    BucketHealth(Roles roles) {
        this.roles = roles;
    }

    @Override
    public Health health() {
        return roles.store().map(BucketHealth::of).orElseGet(() -> Health.up()
                .withDetail("bucket", "not used by this worker's roles")
                .build());
    }

    private static Health of(ObjectStore store) {
        try {
            store.head(BucketLayout.LEASES + "health");
            return Health.up().withDetail("bucket", store.addressOf("")).build();
        } catch (RecoveryFailure e) {
            return Health.down()
                    .withDetail("problem", String.valueOf(e.getMessage()))
                    .build();
        }
    }
}
