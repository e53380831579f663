package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One worker as a child process that can be killed and started again. */
public final class WorkerProcess implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Pattern HEALTH = Pattern.compile("health: (http://\\S+)");

    private final Checkout checkout;
    private final Path config;
    private final Path log;
    private final Map<String, String> environment;
    private @Nullable Process process;
    private long logStart;

    WorkerProcess(Checkout checkout, Path config, Path log, Map<String, String> environment) {
        this.checkout = checkout;
        this.config = config;
        this.log = log;
        this.environment = Map.copyOf(environment);
    }

    /** Starts it and does not wait; one that runs is left as it is. */
    public synchronized void start() {
        if (isAlive()) {
            return;
        }
        List<String> command = new ArrayList<>(checkout.java(
                "worker-app",
                "dev.lifeboat.worker.WorkerApplication",
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto"));
        command.addAll(List.of("--config", config.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            logStart = Files.exists(log) ? Files.size(log) : 0;
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it serves its queues. */
    public void awaitServing() {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!said().contains("serving ")) {
            if (!isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException("the worker does not serve its queues: " + said());
            }
            sleep();
        }
    }

    /** Ends it as an outage would: {@code kill -9}. */
    public synchronized void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            running.onExit().join();
        }
    }

    /** Ends it as a system would, with SIGTERM, and waits. */
    public synchronized void terminate() {
        Process running = process;
        if (running == null) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(2, TimeUnit.MINUTES)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }

    public synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Of the process that runs or ran last; 0 before the first. */
    public synchronized long pid() {
        return process == null ? 0 : process.pid();
    }

    /** Address of its health; waits for it. */
    public String health() {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            Matcher line = HEALTH.matcher(said());
            if (line.find()) {
                return line.group(1);
            }
            if (!isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException("the worker has no health address: " + said());
            }
            sleep();
        }
    }

    public Path log() {
        return log;
    }

    @Override
    public void close() {
        kill();
    }

    /** What it has logged since its last start. */
    private synchronized String said() {
        try {
            byte[] all = Files.exists(log) ? Files.readAllBytes(log) : new byte[0];
            int from = (int) Math.min(logStart, all.length);
            return new String(all, from, all.length - from, java.nio.charset.StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the worker started", e);
        }
    }
}
