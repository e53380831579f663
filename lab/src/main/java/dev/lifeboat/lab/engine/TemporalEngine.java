package dev.lifeboat.lab.engine;

import java.nio.file.Path;
import java.util.Optional;

/** A Temporal server of the lab's own, on the loopback address; its address stays the same for its whole life. */
public interface TemporalEngine extends AutoCloseable {

    /** The one of the system property {@code lifeboat.engine}: in this process, or with {@code real} the dev server. */
    static TemporalEngine startIn(Path folder) {
        return "real".equals(System.getProperty("lifeboat.engine"))
                ? RealTemporal.startIn(folder)
                : EmbeddedTemporal.start();
    }

    /** {@code host:port} of its gRPC service. */
    String address();

    /** Of its web interface; none where it has none. */
    Optional<String> uiAddress();

    /** Whether runs survive {@link RealTemporal#kill}, and a dead worker's sticky tasks go to another. */
    boolean isReal();

    /** A few words for people. */
    String description();

    @Override
    void close();
}
