package dev.lifeboat.lab.store;

import dev.lifeboat.activities.objectstore.BucketLeasesContract;
import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.lab.engine.S3Engine;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class BucketLeasesIT extends BucketLeasesContract {

    private static final String BUCKET = "lifeboat-leases";

    private static S3Engine engine;

    private S3ObjectStore store;

    @BeforeAll
    static void startTheServer(@TempDir Path folder) {
        engine = S3Engine.startIn(folder.resolve("s3"));
        engine.createBucket(BUCKET);
    }

    @AfterAll
    static void stopTheServer() {
        engine.close();
    }

    @BeforeEach
    void openAnEmptyPrefix() {
        store = new S3ObjectStore(engine.bucket(BUCKET, UUID.randomUUID().toString()), engine.environment());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }
}
