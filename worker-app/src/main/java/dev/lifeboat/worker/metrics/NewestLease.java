package dev.lifeboat.worker.metrics;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a target's lease stands, told by the names of objects alone.
 *
 * @param held whether nobody has ended it yet
 */
public record NewestLease(String target, long number, boolean held) {

    private static final Pattern NAME = Pattern.compile("(\\d+)(\\.end)?\\.json");

    /**
     * One for each target that ever had a lease.
     *
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure when the bucket cannot be listed
     */
    public static List<NewestLease> all(ObjectStore store) {
        List<NewestLease> newest = new ArrayList<>();
        for (String target : store.listFolders(BucketLayout.LEASES)) {
            newest.add(of(target, store.list(BucketLayout.LEASES + target + "/")));
        }
        return newest;
    }

    private static NewestLease of(String target, List<StoredObject> objects) {
        long number = 0;
        Set<Long> ended = new HashSet<>();
        for (StoredObject object : objects) {
            Matcher name = NAME.matcher(object.key().substring(object.key().lastIndexOf('/') + 1));
            if (name.matches()) {
                long found = Long.parseLong(name.group(1));
                number = Math.max(number, found);
                if (name.group(2) != null) {
                    ended.add(found);
                }
            }
        }
        return new NewestLease(target, number, number > 0 && !ended.contains(number));
    }
}
