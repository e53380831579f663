package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.ObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** A store in which single objects can be held back, so that a test can look at what happens in the middle. */
final class GatedStore {

    private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
    private final ObjectStore store;

    GatedStore(ObjectStore real) {
        this.store = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().startsWith("read")) {
                        CountDownLatch gate = gates.get(String.valueOf(arguments[0]));
                        if (gate != null) {
                            gate.await();
                        }
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }

    ObjectStore store() {
        return store;
    }

    void hold(String key) {
        gates.put(key, new CountDownLatch(1));
    }

    void release(String key) {
        CountDownLatch gate = gates.remove(key);
        if (gate != null) {
            gate.countDown();
        }
    }
}
