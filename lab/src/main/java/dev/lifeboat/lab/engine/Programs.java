package dev.lifeboat.lab.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs to their end, in the C locale, as the operating-system user that a server needs. */
public final class Programs {

    private Programs() {}

    public record Result(int exitCode, String output, String errors) {}

    /** @param user who runs it; the worker's own user or, when that is root, any other */
    public static Result run(String user, List<String> command, Map<String, String> environment, Duration limit) {
        Path output = temporaryFile();
        Path errors = temporaryFile();
        try {
            ProcessBuilder builder = new ProcessBuilder(as(user, command));
            builder.directory(Path.of("/").toFile());
            builder.environment().put("LC_ALL", "C");
            builder.environment().putAll(environment);
            builder.redirectInput(Path.of("/dev/null").toFile());
            builder.redirectOutput(output.toFile());
            builder.redirectError(errors.toFile());
            Process process = builder.start();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("'" + String.join(" ", command) + "' was still running after " + limit);
            }
            return new Result(
                    process.exitValue(),
                    Files.readString(output, StandardCharsets.UTF_8),
                    Files.readString(errors, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while '" + command.get(0) + "' ran", e);
        } finally {
            output.toFile().delete();
            errors.toFile().delete();
        }
    }

    /** @throws IllegalStateException with the program's last words when it exits with anything but 0 */
    public static String require(String user, List<String> command, Map<String, String> environment, Duration limit) {
        Result result = run(user, command, environment, limit);
        if (result.exitCode() != 0) {
            throw new IllegalStateException("'%s' failed with exit code %d: %s%s"
                    .formatted(
                            String.join(" ", command),
                            result.exitCode(),
                            result.output().strip(),
                            result.errors().strip()));
        }
        return result.output();
    }

    static List<String> as(String user, List<String> command) {
        List<String> full = new ArrayList<>();
        if (!user.equals(System.getProperty("user.name"))) {
            full.addAll(List.of("runuser", "-u", user, "--"));
        }
        full.addAll(command);
        return full;
    }

    private static Path temporaryFile() {
        try {
            return Files.createTempFile("lifeboat-lab", ".out");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
