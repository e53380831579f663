package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import java.nio.file.Path;

/**
 * Lifeboat's own folder beside a data directory: on its file system, outside of it, owned by the server's user, mode
 * 0700.
 */
record LifeboatFolder(Path root) {

    static LifeboatFolder of(PostgresCluster cluster) {
        return new LifeboatFolder(cluster.dataDirectory().resolveSibling("lifeboat-" + cluster.name()));
    }

    /** The shell scripts that PostgreSQL calls. */
    Path shims() {
        return root.resolve("shims");
    }

    /** A file {@code NAME} here: this segment is durable in the bucket; its content binds it to the file's identity. */
    Path archived() {
        return root.resolve("archive/done");
    }

    /** Held by the one process that archives this cluster. */
    Path archiverLock() {
        return root.resolve("archive/lock");
    }
}
