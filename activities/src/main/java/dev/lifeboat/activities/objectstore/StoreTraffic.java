package dev.lifeboat.activities.objectstore;

import java.time.Duration;

/** Is told of every call to the store, by the thread that makes it: to be quick about it, and to throw nothing. */
public interface StoreTraffic {

    /** For those who do not measure. */
    StoreTraffic UNMEASURED = new StoreTraffic() {
        @Override
        public void called(String operation, boolean succeeded, int retries, Duration took) {}

        @Override
        public void moved(Direction direction, long bytes) {}
    };

    /** As the store sees it from here. */
    enum Direction {
        SENT,
        RECEIVED
    }

    /**
     * A call is over.
     *
     * @param operation S3's name for it, for example {@code PutObject}
     * @param retries   how often the client tried again by itself
     * @param took      with all tries; for a download until its first byte
     */
    void called(String operation, boolean succeeded, int retries, Duration took);

    /** The body of one try, as long as its head says; one that broke off counts whole. */
    void moved(Direction direction, long bytes);
}
