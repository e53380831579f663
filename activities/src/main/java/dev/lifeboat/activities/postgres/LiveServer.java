package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveState;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is left of the live server, by its processes, its control file and an attempt to log in. Changes nothing. */
final class LiveServer {

    private static final List<String> ESSENTIAL =
            List.of("PG_VERSION", "global/pg_control", "global/pg_filenode.map", "base/1", "pg_xact", "pg_wal");

    private final LiveContext context;
    private final LiveDatabase database;

    LiveServer(LiveContext context) {
        this.context = context;
        this.database = new LiveDatabase(context);
    }

    /**
     * @param postmaster its first process, even when its directory is gone
     * @param control    empty when it cannot be read
     * @param detail     one line for people
     */
    record Status(LiveState state, Optional<ProcessHandle> postmaster, Optional<ControlFile> control, String detail) {

        boolean runs() {
            return postmaster.isPresent();
        }
    }

    Status look() {
        Path data = context.dataDirectory();
        Optional<ProcessHandle> postmaster = ServerProcesses.postmaster(data);
        Optional<ControlFile> control = controlFile(data);
        try {
            if (FileTrees.isEmptyOrMissing(data)) {
                return new Status(LiveState.GONE, postmaster, control, data + " is gone");
            }
        } catch (IOException e) {
            return new Status(LiveState.DAMAGED, postmaster, control, data + " cannot be read: " + e.getMessage());
        }
        List<String> missing = missing(data);
        if (!missing.isEmpty() || control.isEmpty()) {
            String what =
                    missing.isEmpty() ? "its control file cannot be read" : String.join(", ", missing) + " missing";
            return new Status(LiveState.DAMAGED, postmaster, control, data + ": " + what);
        }
        if (postmaster.isEmpty()) {
            return new Status(
                    LiveState.STOPPED, postmaster, control, control.get().state());
        }
        LiveDatabase.Answer answer = database.tryLogin(context.cluster().port());
        return answer.accepted()
                ? new Status(LiveState.RUNNING, postmaster, control, "accepts logins")
                : new Status(LiveState.REFUSING_CONNECTIONS, postmaster, control, firstLine(answer.message()));
    }

    /** Where the server reads a file from; works while it is down, not without its configuration. */
    Optional<Path> settingOfFile(String name) {
        return setting(name).filter(said -> said.startsWith("/")).map(Path::of);
    }

    /** Works while the server is down, not without its configuration. */
    Optional<String> setting(String name) {
        try {
            Commands.Result result = Commands.run(
                    context.user(), new ServerCommand(context).postgres("-C", name), Map.of(), Duration.ofSeconds(20));
            return result.succeeded() ? Optional.of(result.output().strip()) : Optional.empty();
        } catch (RecoveryFailure e) {
            return Optional.empty();
        }
    }

    private Optional<ControlFile> controlFile(Path data) {
        if (!Files.exists(data.resolve("global/pg_control"))) {
            return Optional.empty();
        }
        try {
            ControlFile read = ControlFile.read(context.cluster().binary("pg_controldata"), context.user(), data);
            return Optional.of(read);
        } catch (RecoveryFailure e) {
            return Optional.empty();
        }
    }

    private static List<String> missing(Path data) {
        return ESSENTIAL.stream()
                .filter(name -> !Files.exists(data.resolve(name)))
                .toList();
    }

    static String firstLine(String text) {
        return text.lines().findFirst().orElse("").strip();
    }
}
