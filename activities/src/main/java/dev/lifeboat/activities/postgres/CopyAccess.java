package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Who may talk to the copy: whoever can reach its socket, which lies in a folder that only the server's own user may
 * enter. The original's access rules stay untouched in the copy for later.
 */
final class CopyAccess {

    private CopyAccess() {}

    static Path hbaFile(RecoveryWorkspace workspace) {
        return workspace.root().resolve("pg_hba.conf");
    }

    static Path identFile(RecoveryWorkspace workspace) {
        return workspace.root().resolve("pg_ident.conf");
    }

    static void install(RecoveryWorkspace workspace) throws IOException {
        FileTrees.replace(hbaFile(workspace), "local all all trust\n", workspace.user());
        FileTrees.replace(identFile(workspace), "", workspace.user());
    }
}
