package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;

/** {@code pg_basebackup} as it is called here, and its failures in words. */
final class BackupProgram {

    private final ClusterAccess access;

    BackupProgram(ClusterAccess access) {
        this.access = access;
    }

    /** One tar to standard output; what it says goes to a file. */
    Process toStandardOutput(String id, Path errors) {
        return start(command(id, "-"), Redirect.PIPE, Redirect.to(errors.toFile()));
    }

    /** A tar for each tablespace into a folder that it makes; what it says, and how far it is, comes through the pipe. */
    Process toFolder(String id, Path folder) {
        List<String> command = command(id, folder.toString());
        command.add("--progress");
        return start(command, Redirect.PIPE, Redirect.PIPE);
    }

    private List<String> command(String id, String target) {
        return access.program(
                "pg_basebackup",
                "-D",
                target,
                "-Ft",
                "-X",
                "none",
                "--checkpoint=fast",
                "--no-password",
                "--label",
                label(id));
    }

    static String label(String id) {
        return "lifeboat " + id;
    }

    private Process start(List<String> command, Redirect output, Redirect errors) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(Path.of("/").toFile());
        builder.environment().putAll(access.clientEnvironment());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectOutput(output);
        builder.redirectError(errors);
        builder.redirectErrorStream(errors == Redirect.PIPE);
        try {
            Transcript.note("runs: " + ShellWords.of(command));
            return builder.start();
        } catch (IOException e) {
            throw new RecoveryFailure(
                    FailureCode.MISSING_BINARY,
                    "cannot run %s: %s".formatted(command.get(0), e.getMessage()),
                    "check bin-directory in lifeboat.yaml",
                    e);
        }
    }

    /** @param words that it ended with */
    RecoveryFailure failed(Process process, String words, IOException cause) {
        String tail = words.length() <= 600 ? words : "…" + words.substring(words.length() - 600);
        boolean full = tail.contains("No space left on device");
        return new RecoveryFailure(
                full ? FailureCode.TOO_LITTLE_SPACE : FailureCode.COMMAND_FAILED,
                "pg_basebackup of %s ended with exit code %d: %s"
                        .formatted(
                                access.cluster().name(),
                                process.exitValue(),
                                tail.isEmpty() ? cause.getMessage() : tail),
                full
                        ? "free space there, or name a folder on a larger disk as spool-directory of %s in lifeboat.yaml; then 'lifeboat retry'"
                                .formatted(access.cluster().name())
                        : "check that user %s may replicate and that pg_hba.conf admits it for database replication"
                                .formatted(access.cluster().user()),
                cause);
    }
}
