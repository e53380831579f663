package dev.lifeboat.worker;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Whether Temporal answers and this worker's queues are served. */
final class TemporalHealth implements HealthIndicator {

    private final TemporalWorkers workers;

    TemporalHealth(TemporalWorkers workers) {
        this.workers = workers;
    }

    @Override
    public Health health() {
        String problem = workers.problem();
        return problem.isEmpty()
                ? Health.up().build()
                : Health.down().withDetail("problem", problem).build();
    }
}
