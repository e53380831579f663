package dev.lifeboat.activities.objectstore;

import dev.lifeboat.workflows.contract.objectstore.LeaseActivities;
import dev.lifeboat.workflows.domain.Fence;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

public final class LeaseActivitiesImpl implements LeaseActivities {

    private static final Logger log = LoggerFactory.getLogger(LeaseActivitiesImpl.class);

    private final BucketLeases leases;

    public LeaseActivitiesImpl(BucketLeases leases) {
        this.leases = leases;
    }

    @Override
    public Fence takeLease(LeaseRequest request) {
        Fence fence = leases.take(request);
        log.info("{} holds lease {} of {}", request.run(), fence.number(), fence.target());
        return fence;
    }

    @Override
    public void releaseLease(Fence fence) {
        leases.release(fence);
        log.info("lease {} of {} is released", fence.number(), fence.target());
    }
}
