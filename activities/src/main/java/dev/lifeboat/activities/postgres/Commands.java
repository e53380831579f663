package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs short programs to their end, in the C locale, and keeps what they said. */
final class Commands {

    /** Programs end with less by themselves; above it is the number of the signal that ended them. */
    static final int SIGNALS = 128;

    private Commands() {}

    record Result(int exitCode, String output, String errors) {
        boolean succeeded() {
            return exitCode == 0;
        }

        /** By somebody else, as a system that is short of memory: then it has not come to any result. */
        boolean wasKilled() {
            return exitCode > SIGNALS;
        }
    }

    /**
     * Waits for the program to end; one that takes longer than {@code limit} is killed.
     *
     * @throws RecoveryFailure MISSING_BINARY when it cannot be started, COMMAND_FAILED when it took too long
     */
    static Result run(ServerUser user, List<String> command, Map<String, String> environment, Duration limit) {
        Path output = null;
        Path errors = null;
        try {
            output = Files.createTempFile("lifeboat", ".out");
            errors = Files.createTempFile("lifeboat", ".err");
            ProcessBuilder builder = new ProcessBuilder(user.command(command));
            builder.directory(Path.of("/").toFile());
            builder.environment().put("LC_ALL", "C");
            builder.environment().putAll(environment);
            builder.redirectInput(Path.of("/dev/null").toFile());
            builder.redirectOutput(output.toFile());
            builder.redirectError(errors.toFile());
            String asTyped = ShellWords.of(command);
            Transcript.note("runs as %s: %s".formatted(user.name(), asTyped));
            long began = System.nanoTime();
            Process process = builder.start();
            boolean ended = false;
            try {
                ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                if (!ended) {
                    ProcessGuard.endTree(process);
                }
            }
            if (!ended) {
                Transcript.note("killed after " + limit);
                throw new RecoveryFailure(
                        FailureCode.COMMAND_FAILED,
                        "cannot finish '%s': it was still running after %s".formatted(command.get(0), limit),
                        "look at the load of this host, then retry");
            }
            Result result = new Result(process.exitValue(), text(output), text(errors));
            Transcript.quote(
                    "it exited with %d after %d ms"
                            .formatted(result.exitCode(), (System.nanoTime() - began) / 1_000_000),
                    result.output() + result.errors());
            return result;
        } catch (IOException e) {
            throw new RecoveryFailure(
                    FailureCode.MISSING_BINARY,
                    "cannot run '%s' as %s: %s".formatted(command.get(0), user.name(), e.getMessage()),
                    "check bin-directory and run-as in lifeboat.yaml",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED, "'%s' was interrupted".formatted(command.get(0)), "retry", e);
        } finally {
            delete(output);
            delete(errors);
        }
    }

    /** As {@link #run}, but a program that exits with anything but 0 is a COMMAND_FAILED with its last words. */
    static String require(ServerUser user, List<String> command, Map<String, String> environment, Duration limit) {
        return required(user, command, environment, limit).output();
    }

    /** As {@link #require}, with what the program said on its other stream. */
    static Result required(ServerUser user, List<String> command, Map<String, String> environment, Duration limit) {
        Result result = run(user, command, environment, limit);
        if (!result.succeeded()) {
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED,
                    "'%s' failed with exit code %d: %s"
                            .formatted(String.join(" ", command), result.exitCode(), lastWords(result)),
                    "run it by hand as " + user.name() + " to see more");
        }
        return result;
    }

    private static String lastWords(Result result) {
        String text = result.errors().isBlank() ? result.output() : result.errors();
        String stripped = text.strip();
        return stripped.length() <= 600 ? stripped : "…" + stripped.substring(stripped.length() - 600);
    }

    private static void delete(@org.jspecify.annotations.Nullable Path file) {
        if (file == null) {
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The system's temporary folder is cleaned by the system.
        }
    }

    /** Names in other encodings are shown as well as they can be: a database of LATIN1 is listed as it is written. */
    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
