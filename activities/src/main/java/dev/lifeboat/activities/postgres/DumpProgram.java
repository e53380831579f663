package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code pg_dump} and {@code pg_dumpall} as they are called here: what they write is read while they run. */
final class DumpProgram implements AutoCloseable {

    private final List<String> command;
    private final Process process;
    private final Path errors;
    private final ProcessGuard guard;

    private DumpProgram(List<String> command, Map<String, String> environment, Watch watch) throws IOException {
        this.command = command;
        this.errors = Files.createTempFile("lifeboat", ".err");
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(Path.of("/").toFile());
        builder.environment().putAll(environment);
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectError(Redirect.to(errors.toFile()));
        Transcript.note("runs: " + ShellWords.of(command));
        try {
            this.process = builder.start();
        } catch (IOException e) {
            Files.deleteIfExists(errors);
            throw new RecoveryFailure(
                    FailureCode.MISSING_BINARY,
                    "cannot run %s: %s".formatted(command.get(0), e.getMessage()),
                    "check bin-directory in lifeboat.yaml",
                    e);
        }
        this.guard = new ProcessGuard(process, watch);
    }

    /** The archive of one database as it was in an exported snapshot; compressed by us, which takes all cores. */
    static DumpProgram archive(ClusterAccess access, String database, String snapshot, Watch watch) throws IOException {
        List<String> command = access.program(
                "pg_dump",
                "-Fc",
                "-Z0",
                "--no-password",
                "--snapshot=" + snapshot,
                "--lock-wait-timeout=" + access.cluster().dumps().lockTimeout().toMillis());
        Map<String, String> environment = access.clientEnvironment();
        // A name in the arguments could be taken for a whole connection string; here it is only a name.
        environment.put("PGDATABASE", database);
        return new DumpProgram(command, environment, watch);
    }

    /** Roles, tablespaces and settings of the whole cluster, as SQL. */
    static DumpProgram globals(ClusterAccess access, String database, Watch watch) throws IOException {
        List<String> command = new ArrayList<>(access.program(
                "pg_dumpall",
                "--globals-only",
                "--no-password",
                "--lock-wait-timeout=" + access.cluster().dumps().lockTimeout().toMillis(),
                "--dbname=dbname=" + quoted(database)));
        if (!access.cluster().dumps().rolePasswords()) {
            command.add("--no-role-passwords");
        }
        return new DumpProgram(command, access.clientEnvironment(), watch);
    }

    /** Within a connection string. */
    static String quoted(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    String name() {
        return String.valueOf(Path.of(command.get(0)).getFileName());
    }

    InputStream output() {
        return process.getInputStream();
    }

    /** To be called when everything it wrote is read. */
    void requireSuccess(DumpFailure failure, Watch watch) throws IOException, InterruptedException {
        int exitCode = process.waitFor();
        watch.check();
        String words = Files.readString(errors, StandardCharsets.UTF_8);
        Transcript.quote("%s exited with %d".formatted(name(), exitCode), words);
        if (exitCode != 0) {
            throw failure.of(name(), exitCode, words);
        }
    }

    @Override
    public void close() throws IOException {
        guard.close();
        Files.deleteIfExists(errors);
    }
}
