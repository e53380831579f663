package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.ObjectStore;
import java.nio.file.Path;

/** One of the ways on which Lifeboat and the store meet, and what it must never do whatever becomes of a request. */
interface FaultPath {

    /** For the head of a row. */
    String title();

    /** Whether a request is one of this way. */
    boolean concerns(String method, String path);

    /** A scene of its own, in an empty prefix of the bucket and an empty folder. */
    Scene open(Place place) throws Exception;

    /**
     * @param through the store, through the trouble
     * @param direct  the same prefix, around it
     * @param shared  through the trouble to where one backup and its WAL lie for all that only read
     */
    record Place(ObjectStore through, ObjectStore direct, ObjectStore shared, Path folder) {}

    interface Scene extends AutoCloseable {

        /**
         * One attempt, as a worker makes it.
         *
         * @return false when this is work in the background that goes on trying and is not done yet
         * @throws dev.lifeboat.workflows.domain.RecoveryFailure as the attempt ended
         */
        boolean attempt() throws Exception;

        /** After an attempt that said that it is done: what it said is so, seen around the trouble. */
        void requireIntact() throws Exception;

        /** After one that did not: nothing wrong was believed, shown or promised. */
        void requireNothingWrong() throws Exception;

        @Override
        default void close() throws Exception {}
    }
}
