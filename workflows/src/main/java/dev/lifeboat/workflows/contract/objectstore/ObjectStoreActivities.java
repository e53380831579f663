package dev.lifeboat.workflows.contract.objectstore;

import dev.lifeboat.workflows.contract.doctor.Examination;
import io.temporal.activity.ActivityInterface;
import java.util.List;

/** The bucket as a whole. */
@ActivityInterface(namePrefix = "ObjectStore")
public interface ObjectStoreActivities {

    /**
     * Whether the bucket does what recoveries rely on. Writes, reads and removes objects of its own below {@code doctor/},
     * and touches no other.
     */
    List<Examination> examine();
}
