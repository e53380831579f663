package dev.lifeboat.lab.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A MinIO server as a child process, which is ended with this process at the latest. */
public final class MinioEngine implements S3Engine {

    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Path program;
    private final Path folder;
    private final Path log;
    private final int port;
    private final String accessKey = "lab";
    private final String secretKey = UUID.randomUUID().toString();
    private final Thread lastWill = new Thread(this::kill, "minio-end");
    private @Nullable Process process;

    private MinioEngine(Path program, Path folder, int port) {
        this.program = program;
        this.folder = folder;
        this.log = folder.resolveSibling(folder.getFileName() + ".log");
        this.port = port;
    }

    /** @throws IllegalStateException when the program is not installed */
    public static MinioEngine startIn(Path folder) {
        Path program = EnginePrograms.find("minio");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        MinioEngine engine = new MinioEngine(program, folder, Ports.free());
        Runtime.getRuntime().addShutdownHook(engine.lastWill);
        engine.start();
        return engine;
    }

    @Override
    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public String accessKey() {
        return accessKey;
    }

    @Override
    public String secretKey() {
        return secretKey;
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public synchronized void start() {
        if (process != null && process.isAlive()) {
            return;
        }
        ProcessBuilder builder = new ProcessBuilder(
                program.toString(),
                "server",
                "--quiet",
                "--address",
                "127.0.0.1:" + port,
                "--certs-dir",
                folder.resolveSibling(folder.getFileName() + ".certs").toString(),
                folder.toString());
        builder.environment().put("MINIO_ROOT_USER", accessKey);
        builder.environment().put("MINIO_ROOT_PASSWORD", secretKey);
        builder.environment().put("MINIO_BROWSER", "off");
        builder.environment().put("MINIO_UPDATE", "off");
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady(process);
    }

    @Override
    public synchronized void stop() {
        kill();
    }

    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(lastWill);
        } catch (IllegalStateException e) {
            // The hooks are running already, and this one has nothing left to do.
        }
    }

    private void kill() {
        Process running = process;
        if (running == null) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(5, TimeUnit.SECONDS)) {
                running.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        process = null;
    }

    private void awaitReady(Process started) {
        HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
        HttpRequest question = HttpRequest.newBuilder(URI.create(endpoint() + "/minio/health/ready"))
                .timeout(Duration.ofSeconds(2))
                .build();
        Instant deadline = Instant.now().plus(LIMIT);
        while (Instant.now().isBefore(deadline) && started.isAlive()) {
            try {
                if (client.send(question, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200) {
                    return;
                }
            } catch (IOException e) {
                // Not listening yet.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        kill();
        throw new IllegalStateException("MinIO was not ready at " + endpoint() + " after " + LIMIT + "; see " + log);
    }
}
