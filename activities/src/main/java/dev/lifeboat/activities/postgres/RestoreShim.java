package dev.lifeboat.activities.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The script that the copy's server calls for WAL. It knows files only: how they come is the worker's business. */
final class RestoreShim {

    /** What {@code absent/NAME} holds when recovery must stop rather than end here. */
    static final String STOP = "stop";

    private static final String SCRIPT = "restore-wal.sh";

    private RestoreShim() {}

    static void install(RecoveryWorkspace workspace) throws IOException {
        Path file = workspace.shims().resolve(SCRIPT);
        FileTrees.replace(file, text(), workspace.user());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    static String text() throws IOException {
        try (InputStream script = RestoreShim.class.getResourceAsStream(SCRIPT)) {
            if (script == null) {
                throw new IllegalStateException(SCRIPT + " is missing in this build");
            }
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The script takes the place of the shell that the server calls, so that the server itself is its parent. */
    static String restoreCommand(RecoveryWorkspace workspace) {
        return "exec /bin/sh "
                + ConfText.command(workspace.shims().resolve(SCRIPT).toString()) + " "
                + ConfText.command(workspace.root().toString()) + " %f %p";
    }
}
