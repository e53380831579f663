package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Starts the copy's server in a session of its own, so that it outlives the worker, finds it again, and ends it. */
final class CopyServer {

    private static final Duration SHORT = Duration.ofSeconds(30);
    private static final Duration STOP = Duration.ofHours(1);

    private final PostgresCluster cluster;
    private final RecoveryWorkspace workspace;
    private final NetworkIsolation isolation;

    CopyServer(PostgresCluster cluster, RecoveryWorkspace workspace) {
        this(cluster, workspace, NetworkIsolation.NONE);
    }

    CopyServer(PostgresCluster cluster, RecoveryWorkspace workspace, NetworkIsolation isolation) {
        this.cluster = cluster;
        this.workspace = workspace;
        this.isolation = isolation;
    }

    Optional<CopyProcess> find() {
        return CopyProcess.find(workspace.copy());
    }

    /** The server takes connections, which without hot standby means that recovery has ended. */
    boolean isReady() {
        return CopyProcess.status(workspace.copy()).equals("ready") && find().isPresent();
    }

    /**
     * The data directory that a server with these settings would really use, asked of the server's program itself.
     *
     * @throws RecoveryFailure COPY_POINTS_AT_LIVE when it is not the copy
     */
    void proveItIsTheCopy(Map<String, String> settings) {
        new CopyTablespaces(workspace).requireOwn();
        List<String> command = command(settings);
        command.add("-C");
        command.add("data_directory");
        String named =
                Commands.require(workspace.user(), command, Map.of(), SHORT).strip();
        if (!named.equals(workspace.copy().toString())) {
            throw new RecoveryFailure(
                    FailureCode.COPY_POINTS_AT_LIVE,
                    "the copy in %s was not started: with its settings the server would use %s"
                            .formatted(workspace.copy(), named),
                    "nothing was changed; look at the configuration files of the backup, then abort");
        }
    }

    /** Returns the log that this start writes. The server may die at once: its log says why. */
    Path start(Map<String, String> settings) {
        proveItIsTheCopy(settings);
        Path log = nextLog();
        List<String> command = new ArrayList<>(List.of("setsid", "--fork"));
        command.addAll(command(settings));
        try {
            CopyProcess.clearAfterDeath(workspace.copy());
            // As with postmaster.pid: a number that is not free yet would keep the server from starting.
            Path socket = workspace.socketFolder().resolve(".s.PGSQL." + RecoverySettings.PORT);
            Files.deleteIfExists(socket);
            Files.deleteIfExists(socket.resolveSibling(socket.getFileName() + ".lock"));
            Files.createFile(log);
            workspace.user().own(log);
            ProcessBuilder builder = new ProcessBuilder(isolation.command(workspace.user(), command));
            builder.directory(Path.of("/").toFile());
            builder.environment().put("LC_ALL", "C");
            builder.redirectInput(Path.of("/dev/null").toFile());
            builder.redirectErrorStream(true);
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            Transcript.note("starts, logging to %s: %s".formatted(log, ShellWords.of(command)));
            Process launcher = builder.start();
            if (!launcher.waitFor(SHORT.toMillis(), TimeUnit.MILLISECONDS) || launcher.exitValue() != 0) {
                launcher.destroyForcibly();
                throw new RecoveryFailure(
                        FailureCode.SERVER_DID_NOT_START,
                        "cannot start the server of %s: the launcher did not end well".formatted(workspace.copy()),
                        "its log is " + log);
            }
            return log;
        } catch (IOException e) {
            throw FileTrees.failed("start the server of " + workspace.copy(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED, "starting " + workspace.copy() + " was interrupted", "retry", e);
        }
    }

    /** A clean stop, with a checkpoint; one that does not run is no error. */
    void stop() {
        if (find().isPresent()) {
            pgCtlStop("fast");
        }
    }

    /** For a copy that nobody needs any more, or that must not go on. */
    void stopAtOnce() {
        if (find().isPresent()) {
            pgCtlStop("immediate");
        }
    }

    /** Every line of every start, oldest first. */
    List<String> logLines() {
        List<String> lines = new ArrayList<>();
        for (Path log : logs()) {
            lines.addAll(readLines(log));
        }
        return lines;
    }

    static List<String> readLines(Path log) {
        try (Stream<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines()) {
            return lines.toList();
        } catch (IOException e) {
            throw FileTrees.failed("read " + log, e);
        }
    }

    List<Path> logs() {
        try (Stream<Path> files = Files.list(workspace.logs())) {
            return files.filter(file -> file.getFileName().toString().startsWith("server-"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw FileTrees.failed("list " + workspace.logs(), e);
        }
    }

    private Path nextLog() {
        return workspace.logs().resolve(String.format(Locale.ROOT, "server-%04d.log", logs().size() + 1));
    }

    private List<String> command(Map<String, String> settings) {
        List<String> command = new ArrayList<>();
        command.add(cluster.binary("postgres").toString());
        command.add("-D");
        command.add(workspace.copy().toString());
        command.addAll(RecoverySettings.asArguments(settings));
        return command;
    }

    private void pgCtlStop(String mode) {
        Commands.Result result = Commands.run(
                workspace.user(),
                List.of(
                        cluster.binary("pg_ctl").toString(),
                        "stop",
                        "-D",
                        workspace.copy().toString(),
                        "-m",
                        mode,
                        "-t",
                        Long.toString(STOP.toSeconds())),
                Map.of(),
                STOP.plusMinutes(1));
        if (find().isPresent()) {
            throw new RecoveryFailure(
                    FailureCode.SERVER_STILL_RUNNING,
                    "cannot stop the server of %s: %s"
                            .formatted(workspace.copy(), result.errors().strip()),
                    "its log is in " + workspace.logs());
        }
    }
}
