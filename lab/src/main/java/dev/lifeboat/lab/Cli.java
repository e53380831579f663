package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The operator's tool as a child process, with the lab's configuration and none of its secrets. */
public final class Cli {

    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Checkout checkout;
    private final Path config;

    Cli(Checkout checkout, Path config) {
        this.checkout = checkout;
        this.config = config;
    }

    public record Result(int exitCode, String output, String errors) {
        /** Both streams, for an assertion's message. */
        @Override
        public String toString() {
            return "exit code " + exitCode + "\n" + output + errors;
        }
    }

    /** Runs a command to its end and keeps what it said. */
    public Result run(String... arguments) {
        return run(List.of(arguments));
    }

    public Result run(List<String> arguments) {
        Path output = temporaryFile();
        Path errors = temporaryFile();
        try {
            Process process = builder(arguments)
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            int exitCode = await(process, arguments);
            return new Result(
                    exitCode,
                    Files.readString(output, StandardCharsets.UTF_8),
                    Files.readString(errors, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            output.toFile().delete();
            errors.toFile().delete();
        }
    }

    /** Runs a command to its end on this process's own terminal. */
    public int show(String... arguments) {
        try {
            // Ctrl-C reaches the tool as well; that the run would go on without it is not true of a lab that ends.
            ProcessBuilder builder = builder(
                    List.of(arguments),
                    "-Dlifeboat.terminal=" + System.getProperty("lifeboat.terminal", ""),
                    "-Dlifeboat.columns=" + System.getProperty("lifeboat.columns", "80"),
                    "-Dlifeboat.rows=" + System.getProperty("lifeboat.rows", "24"),
                    "-Dlifeboat.goodbye=no");
            return await(builder.inheritIO().start(), List.of(arguments));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a command that goes on beside its caller; what it says goes to this file. */
    public Process background(Path log, String... arguments) {
        try {
            return builder(List.of(arguments))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessBuilder builder(List<String> arguments) {
        return builder(arguments, "-Dlifeboat.terminal=");
    }

    private ProcessBuilder builder(List<String> arguments, String... options) {
        List<String> all = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
        all.addAll(List.of(options));
        List<String> command =
                new ArrayList<>(checkout.java("starter-cli", "dev.lifeboat.cli.Lifeboat", all.toArray(String[]::new)));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LIFEBOAT_CONFIG", config.toString());
        Path folder = config.getParent();
        if (folder != null) {
            builder.directory(folder.toFile());
        }
        builder.redirectInput(Path.of("/dev/null").toFile());
        return builder;
    }

    private static int await(Process process, List<String> arguments) {
        try {
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException(
                        "'lifeboat " + String.join(" ", arguments) + "' was still running after " + LIMIT);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the operator's tool ran", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static Path temporaryFile() {
        try {
            return Files.createTempFile("lifeboat-cli", ".out");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
