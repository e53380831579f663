package dev.lifeboat.activities.objectstore;

import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.objectstore.ObjectStoreActivities;
import java.time.Clock;
import java.util.List;

/** The bucket as a whole. */
public final class ObjectStoreActivitiesImpl implements ObjectStoreActivities {

    private final ObjectStore store;

    public ObjectStoreActivitiesImpl(ObjectStore store) {
        this.store = store;
    }

    @Override
    public List<Examination> examine() {
        return new BucketExamination(store, Clock.systemUTC()).run();
    }
}
