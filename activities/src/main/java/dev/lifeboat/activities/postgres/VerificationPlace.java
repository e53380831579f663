package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Below which throw-away servers are made: Lifeboat's folder beside the data directory, or where its spool goes. */
record VerificationPlace(Path root) {

    static VerificationPlace of(ClusterAccess access) {
        Path spool = access.cluster().spoolDirectory();
        return new VerificationPlace(
                spool == null
                        ? access.folder().root()
                        : spool.resolve("lifeboat-" + access.cluster().name() + "-verification"));
    }

    long freeBytes() {
        Path existing = root;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        try {
            return Files.getFileStore(existing).getUsableSpace();
        } catch (IOException e) {
            throw FileTrees.failed("look how much is free in " + existing, e);
        }
    }
}
