package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A cluster {@code main} as a configuration names it, of which a unit test needs the folders only: no server is there. */
final class ClusterOfTest {

    private ClusterOfTest() {}

    /** @param programs the folder of the server's programs; a test may put its own there */
    static PostgresCluster in(Path dataDirectory, Path programs) {
        return new PostgresCluster(
                "main",
                dataDirectory,
                programs,
                null,
                null,
                "127.0.0.1",
                5432,
                "postgres",
                null,
                "postgres",
                List.of(),
                null,
                null,
                List.of(),
                null,
                Duration.ZERO);
    }
}
