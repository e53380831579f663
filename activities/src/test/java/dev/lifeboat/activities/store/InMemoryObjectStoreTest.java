package dev.lifeboat.activities.store;

import dev.lifeboat.workflows.domain.FailureCode;
import org.junit.jupiter.api.Test;

class InMemoryObjectStoreTest extends ObjectStoreContract {

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @Override
    protected ObjectStore store() {
        store.keepVersions();
        return store;
    }

    @Test
    void aStoreThatIsAwayIsUnreachableAndNothingIsMissing() {
        store.put("a", text("x"));

        store.goAway();

        assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.readAll("a"));
        assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.readAll("nothing"));
        assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.head("nothing"));
        assertFails(FailureCode.OBJECT_STORE_UNREACHABLE, () -> store.list(""));
    }
}
