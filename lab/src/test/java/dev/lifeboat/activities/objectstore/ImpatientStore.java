package dev.lifeboat.activities.objectstore;

import dev.lifeboat.config.LifeboatConfig.Bucket;
import java.time.Duration;
import java.util.Map;

/** The product's own store, which asks as often as ever and waits less in between. */
public final class ImpatientStore {

    private static final Duration SHORT = Duration.ofMillis(5);

    private ImpatientStore() {}

    public static S3ObjectStore open(Bucket bucket, Map<String, String> environment) {
        return new S3ObjectStore(bucket, environment, StoreTraffic.UNMEASURED, new Pauses(SHORT, SHORT, SHORT));
    }
}
