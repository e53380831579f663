package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.file.Path;

/** Where WAL comes from. */
interface WalSupply {

    /**
     * Writes the plain, verified content of a segment or history file.
     *
     * @return false when the store was asked now and said that there is none
     * @throws dev.lifeboat.workflows.domain.RecoveryFailure OBJECT_STORE_UNREACHABLE when it could not be found out,
     *     WAL_DAMAGED when what is there is not what was stored
     */
    boolean fetch(String name, Path into) throws IOException;
}
