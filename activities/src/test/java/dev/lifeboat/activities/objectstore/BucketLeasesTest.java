package dev.lifeboat.activities.objectstore;

import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.ObjectStore;

class BucketLeasesTest extends BucketLeasesContract {

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @Override
    protected ObjectStore store() {
        return store;
    }
}
